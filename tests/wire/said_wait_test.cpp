#include "wire/said_wait.hpp"

#include <ccrelay/testing/manual_clock.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace std::chrono_literals;

namespace {
/// 2026-01-01 01:00:00 UTC.
std::optional<Duration> said(const std::string& words, std::chrono::minutes zone = 0min) {
  return wire::wait_in_words(words, testing::ManualClock().wall(), zone);
}
}  // namespace

TEST_CASE("lengths of time are read as vendors write them", "[wire]") {
  const std::vector<std::pair<std::string, Duration>> cases{
      {"34.4s", 34400ms}, {"9m38.016s", 578016ms}, {"3h2m1s", 10921s},
      {"500ms", 500ms},   {"2 days", 48h},         {"12", 12s},
      {"1.5", 1500ms},    {"20 秒", 20s},          {"1 hour 5 minutes", 65min}};
  for (const auto& [text, expected] : cases) {
    INFO(text);
    REQUIRE(wire::parse_duration(text));
    CHECK(*wire::parse_duration(text) == expected);
  }
  for (const char* text : {"", "soon", "-1", "1 potato", "s", "1e9", "0x1"}) {
    INFO(text);
    CHECK_FALSE(wire::parse_duration(text));
  }
}

TEST_CASE("a sentence tells when a limit ends", "[wire]") {
  const std::vector<std::pair<std::string, Duration>> cases{
      {"Please try again in 20s.", 20s},
      {"Limit 100000, Used 97050. Please try again in 9m38.016s. Need more?", 578016ms},
      {"please try again after 1 seconds", 1s},
      {"Your quota will reset after 3h2m.", 182min},
      {"Please retry after 31 seconds.", 31s},
      {"Retry in about 2 minutes", 2min},
      {"resets at 2026-01-01T03:00:00Z (2056)", 2h},
      {"You will regain access on 2026-01-01 at 02:30 UTC.", 90min},
      {"resets on 2026-01-01 09:30:00+08:00", 30min},
      {"请 20 秒后重试", 20s},
      {"您的限额将在 2026-01-01 10:00:00 重置", 1h},
  };
  for (const auto& [words, expected] : cases) {
    INFO(words);
    REQUIRE(said(words));
    CHECK(*said(words) == expected);
  }
}

TEST_CASE("a date without a zone is in the provider's", "[wire]") {
  const std::string words = "Your limit will reset at 2026-01-01 10:30:00";
  CHECK(said(words, 480min) == Duration(90min));
  CHECK(said(words) == Duration(570min));
}

TEST_CASE("what tells no end tells none, and no end is further than a day", "[wire]") {
  for (const char* words :
       {"slow down", "Usage limit reached for 5 hour",
        "within the last 5 minutes, please wait a moment", "up to 15 minutes for access",
        "limit resets at midnight", "reset at 2025-12-31 10:00:00"}) {
    INFO(words);
    CHECK_FALSE(said(words));
  }
  CHECK(said("try again in 999999999999 days") == Duration(24h));
  CHECK(said("resets at 2199-01-01T00:00:00Z") == Duration(24h));
}
