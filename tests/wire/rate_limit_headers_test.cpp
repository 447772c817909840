#include "wire/rate_limit_headers.hpp"

#include <ccrelay/testing/manual_clock.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace std::chrono_literals;

namespace {

/// 2026-01-01 01:00:00 UTC.
base::RateLimits read(const Headers& headers) {
  return wire::rate_limit_headers(headers, testing::ManualClock().wall());
}

}  // namespace

TEST_CASE("each dimension has a limit, what remains and a reset", "[wire]") {
  const std::vector<std::pair<std::string, base::LimitFigures base::RateLimits::*>> dimensions{
      {"requests", &base::RateLimits::requests},
      {"input-tokens", &base::RateLimits::input_tokens},
      {"output-tokens", &base::RateLimits::output_tokens},
      {"tokens", &base::RateLimits::tokens},
  };
  for (const auto& [name, figures] : dimensions) {
    INFO(name);
    const auto said = read({{"Anthropic-RateLimit-" + name + "-Limit", "50"},
                            {"anthropic-ratelimit-" + name + "-remaining", "0"},
                            {"anthropic-ratelimit-" + name + "-reset", "2026-01-01T01:00:07Z"}});
    CHECK((said.*figures).limit == 50u);
    CHECK((said.*figures).remaining == 0u);
    CHECK((said.*figures).reset == Duration(7s));
    for (const auto& [other_name, other] : dimensions) {
      if (other_name != name) CHECK_FALSE((said.*other).remaining.has_value());
    }
  }
}

TEST_CASE("bad figures are ignored one by one", "[wire]") {
  for (const char* bad : {"", "-1", "1.5", "many", "99999999999999999999999"}) {
    INFO(bad);
    const auto said = read({{"anthropic-ratelimit-requests-limit", bad},
                            {"anthropic-ratelimit-requests-remaining", "3"},
                            {"anthropic-ratelimit-tokens-limit", "7"},
                            {"anthropic-ratelimit-tokens-remaining", bad},
                            {"anthropic-ratelimit-tokens-reset", bad}});
    CHECK_FALSE(said.requests.limit.has_value());
    CHECK(said.requests.remaining == 3u);
    CHECK(said.tokens.limit == 7u);
    CHECK_FALSE(said.tokens.remaining.has_value());
    CHECK_FALSE(said.tokens.reset.has_value());
  }
  CHECK_FALSE(read({{"anthropic-ratelimit-requests-limit", "0"}}).requests.limit.has_value());
}

TEST_CASE("OpenAI's and their like are read as well, those of a minute", "[wire]") {
  auto said = read({{"X-RateLimit-Limit-Requests", "500"},
                    {"x-ratelimit-remaining-requests", "499"},
                    {"x-ratelimit-reset-requests", "120ms"},
                    {"x-ratelimit-limit-tokens", "30000"},
                    {"x-ratelimit-remaining-tokens", "0"},
                    {"x-ratelimit-reset-tokens", "6m0s"}});
  CHECK(said.requests.limit == 500u);
  CHECK(said.requests.remaining == 499u);
  CHECK(said.requests.reset == Duration(120ms));
  CHECK(said.tokens.limit == 30000u);
  CHECK(said.tokens.remaining == 0u);
  CHECK(said.tokens.reset == Duration(6min));
  CHECK_FALSE(said.input_tokens.limit.has_value());
  // Mistral's and Cerebras' have the time in the name; -1 is how Azure says that it does not know.
  said = read({{"x-ratelimit-limit-tokens-minute", "60000"},
               {"x-ratelimit-remaining-tokens-minute", "7"},
               {"x-ratelimit-limit-requests-day", "14400"},
               {"x-ratelimit-remaining-requests", "-1"},
               {"x-ratelimit-limit", "20"},
               {"x-ratelimit-reset", "1767229205"}});
  CHECK(said.tokens.limit == 60000u);
  CHECK(said.tokens.remaining == 7u);
  CHECK_FALSE(said.requests.limit.has_value());
  CHECK_FALSE(said.requests.remaining.has_value());
}

TEST_CASE("a reset in the past is now, one far away is a day", "[wire]") {
  const auto said = read({{"anthropic-ratelimit-requests-reset", "2025-12-31T00:00:00Z"},
                          {"anthropic-ratelimit-tokens-reset", "2027-01-01T00:00:00Z"}});
  CHECK(said.requests.reset == Duration(0s));
  CHECK(said.tokens.reset == Duration(24h));
}

TEST_CASE("a subscription's figures are kept for display, a bounded number of them", "[wire]") {
  const auto said = read({{"Anthropic-RateLimit-Unified-5h-Status", " allowed "},
                          {"anthropic-ratelimit-unified-reset", "1767229205"},
                          {"anthropic-ratelimit-other", "x"}});
  REQUIRE(said.unified.size() == 2);
  CHECK(said.unified[0] == std::pair<std::string, std::string>("5h-status", "allowed"));
  CHECK(said.unified[1] == std::pair<std::string, std::string>("reset", "1767229205"));

  Headers many;
  many.add("anthropic-ratelimit-unified-long", std::string(257, 'x'));
  for (int i = 0; i < 100; ++i) many.add("anthropic-ratelimit-unified-" + std::to_string(i), "x");
  REQUIRE(read(many).unified.size() == 32);
  CHECK(read(many).unified[0].first == "0");
}

TEST_CASE("an answer that says nothing of limits says nothing", "[wire]") {
  const auto said = read({{"retry-after", "7"}, {"anthropic-ratelimit-requests-", "1"}});
  CHECK_FALSE(said.requests.remaining.has_value());
  CHECK(said.unified.empty());
}
