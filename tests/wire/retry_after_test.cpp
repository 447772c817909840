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
  const WallTime there = wire::time_there(headers, now());
  const auto asked = wire::retry_after(headers, there);
  return asked ? asked : wire::reset_wait(headers, there);
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
      // The two older forms of RFC 9110 section 5.6.7.
      {"Thursday, 01-Jan-26 01:00:09 GMT", 9s},
      {"Thu Jan  1 01:00:09 2026", 9s},
      {"2026-01-01T01:00:09Z", 9s},
      {"1m30s", 90s},
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
  for (const char* text : {"", "soon", "-1", "1e3", "nan", "inf", "0x10", "tomorrow, 7"}) {
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

TEST_CASE("points in time are measured against the answer's own clock", "[wire]") {
  const Headers an_hour_behind{{"date", "Thu, 01 Jan 2026 00:00:00 GMT"},
                               {"retry-after", "Thu, 01 Jan 2026 00:01:00 GMT"}};
  CHECK(wait(an_hour_behind) == Duration(60s));
  CHECK(wait({{"date", "Thu, 01 Jan 2026 02:00:00 GMT"},
              {"anthropic-ratelimit-unified-reset", "1767232830"}}) == Duration(30s));
  CHECK(wait({{"date", "never"}, {"retry-after", "Thu, 01 Jan 2026 01:00:09 GMT"}}) ==
        Duration(9s));
  // A length of time needs no clock.
  CHECK(wait({{"date", "Thu, 01 Jan 2026 00:00:00 GMT"}, {"retry-after", "7"}}) == Duration(7s));
}

TEST_CASE("resets come in many forms", "[wire]") {
  struct Case {
    Headers headers;
    Duration expected;
  };
  const std::vector<Case> cases{
      // 2026-01-01 01:00:00 UTC is 1767229200.
      {{{"anthropic-ratelimit-unified-reset", "1767232800"}}, 1h},
      {{{"anthropic-ratelimit-unified-5h-reset", "1767229260"},
        {"anthropic-ratelimit-unified-5h-status", "allowed"},
        {"anthropic-ratelimit-unified-7d-reset", "1767232800"},
        {"anthropic-ratelimit-unified-7d-status", "rejected"}},
       1h},
      {{{"x-ratelimit-reset-requests", "6m0s"}}, 6min},
      {{{"x-ratelimit-reset-requests", "1s"},
        {"x-ratelimit-remaining-requests", "0"},
        {"x-ratelimit-reset-tokens", "6m0s"},
        {"x-ratelimit-remaining-tokens", "100"}},
       1s},
      {{{"x-ratelimit-reset-tokens", "120ms"}, {"x-ratelimit-remaining-tokens", "0"}}, 120ms},
      {{{"x-ratelimit-reset", "1767229230"}, {"x-ratelimit-remaining", "0"}}, 30s},
      {{{"X-RateLimit-Reset", "1767229230000"}}, 30s},
      {{{"ratelimit-reset", "12"}, {"ratelimit-remaining", "0"}}, 12s},
      {{{"ratelimit-reset", "999999"}}, 24h},
      // None is used up, and yet there is a limit: the one that is whole first was too little.
      {{{"x-ratelimit-reset-requests", "8h"},
        {"x-ratelimit-remaining-requests", "99"},
        {"x-ratelimit-reset-tokens", "3s"},
        {"x-ratelimit-remaining-tokens", "9"}},
       3s},
  };
  for (const Case& one : cases) {
    INFO((*one.headers.begin()).name << ": " << (*one.headers.begin()).value);
    REQUIRE(wait(one.headers));
    CHECK(*wait(one.headers) == one.expected);
  }
  CHECK_FALSE(wait({{"x-ratelimit-reset", "1767229100"}}));
  CHECK_FALSE(wait({{"x-preset", "12"}}));
}
