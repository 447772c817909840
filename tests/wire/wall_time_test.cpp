#include "wire/wall_time.hpp"

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace std::chrono_literals;

namespace {
std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}
}  // namespace

TEST_CASE("RFC 3339 times come with a fraction or an offset", "[wire]") {
  const std::vector<std::pair<std::string, std::int64_t>> cases{
      {"2026-01-01T01:00:05Z", 1767229205},      {"2026-01-01T01:00:05z", 1767229205},
      {"2026-01-01T01:00:05.25Z", 1767229205},   {"2026-01-01T03:00:05+02:00", 1767229205},
      {"2025-12-31T19:30:05-05:30", 1767229205}, {"9999-12-31T23:59:59Z", 9'000'000'000},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    REQUIRE(wire::parse_rfc3339(text).has_value());
    CHECK(unix_seconds(*wire::parse_rfc3339(text)) == expected);
  }
}

TEST_CASE("what is no RFC 3339 time is none", "[wire]") {
  for (const char* text :
       {"", "soon", "1767229205", "2026-01-01", "2026-01-01T01:00:05", "2026-01-01T01:00:05.Z",
        "2026-13-01T01:00:05Z", "2026-01-01T01:00:05Zz", "2026-01-01T01:00:05+0200",
        "2026-01-01T01:00:05+24:00", "2026-01-01T01:00:05+-1:00"}) {
    INFO(text);
    CHECK_FALSE(wire::parse_rfc3339(text).has_value());
  }
}

TEST_CASE("HTTP dates have nothing behind them", "[wire]") {
  const auto date = wire::parse_http_date("Thu, 01 Jan 2026 01:00:05 GMT");
  REQUIRE(date.has_value());
  CHECK(unix_seconds(*date) == 1767229205);
  CHECK_FALSE(wire::parse_http_date("Thu, 01 Jan 2026 01:00:05 GMT+2").has_value());
  CHECK_FALSE(wire::parse_http_date("Thu, 01 Jan 2026").has_value());
}

TEST_CASE("a wait is never negative and at most a day", "[wire]") {
  const WallTime now{1000s};
  CHECK(wire::wait_until(now + 3s, now) == Duration(3s));
  CHECK(wire::wait_until(now - 3s, now) == Duration(0s));
  CHECK(wire::wait_until(now + 25h, now) == Duration(24h));
}
