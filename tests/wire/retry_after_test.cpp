#include "wire/retry_after.hpp"

#include <ccrelay/testing/manual_clock.hpp>

#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace std::chrono_literals;

namespace {

/// 2026-01-01 01:00:00 UTC, a Thursday.
WallTime now() {
  return testing::ManualClock().wall();
}

std::optional<Duration> wait(const Headers& headers) {
  return wire::retry_after(headers, now());
}

}  // namespace

TEST_CASE("retry-after may be seconds or a date", "[wire]") {
  const std::vector<std::pair<std::string, Duration>> cases{
      {"7", 7s},
      {"0", 0s},
      {"1.5", 1500ms},
      {"Thu, 01 Jan 2026 01:00:09 GMT", 9s},
      {"Thu, 01 Jan 2026 00:59:00 GMT", 0s},
      {"99999999", 24h},
      {"Fri, 01 Jan 2027 00:00:00 GMT", 24h},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    REQUIRE(wait({{"Retry-After", text}}).has_value());
    CHECK(*wait({{"Retry-After", text}}) == expected);
  }
}

TEST_CASE("retry-after-ms is the more exact one", "[wire]") {
  CHECK(wait({{"retry-after", "7"}, {"retry-after-ms", "250"}}) == Duration(250ms));
}

TEST_CASE("a retry-after that makes no sense says nothing", "[wire]") {
  for (const char* text : {"", "soon", "-1", "1s", "1e3", "nan", "inf", "0x10", "tomorrow, 7"}) {
    INFO(text);
    CHECK_FALSE(wait({{"retry-after", text}}).has_value());
  }
}

TEST_CASE("a broken retry-after-ms falls back to retry-after", "[wire]") {
  CHECK(wait({{"retry-after-ms", "x"}, {"retry-after", "2"}}) == Duration(2s));
}

TEST_CASE("the latest reset of an exhausted budget counts", "[wire]") {
  CHECK(wait({{"anthropic-ratelimit-requests-remaining", "0"},
              {"anthropic-ratelimit-requests-reset", "2026-01-01T01:00:05Z"},
              {"anthropic-ratelimit-input-tokens-remaining", "0"},
              {"anthropic-ratelimit-input-tokens-reset", "2026-01-01T01:00:08Z"},
              {"anthropic-ratelimit-output-tokens-remaining", "3"},
              {"anthropic-ratelimit-output-tokens-reset", "2026-01-01T01:00:20Z"}}) ==
        Duration(8s));
}

TEST_CASE("retry-after goes before the budgets", "[wire]") {
  CHECK(wait({{"retry-after", "2"},
              {"anthropic-ratelimit-requests-remaining", "0"},
              {"anthropic-ratelimit-requests-reset", "2026-01-01T01:00:05Z"}}) == Duration(2s));
}

TEST_CASE("an answer that says nothing about waiting says nothing", "[wire]") {
  CHECK_FALSE(wait({}).has_value());
  CHECK_FALSE(wait({{"anthropic-ratelimit-requests-remaining", "0"}}).has_value());
  CHECK_FALSE(wait({{"anthropic-ratelimit-requests-remaining", "0"},
                    {"anthropic-ratelimit-requests-reset", "later"}})
                  .has_value());
}
