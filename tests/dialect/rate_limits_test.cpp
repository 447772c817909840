#include "dialect/rate_limits.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::dialect;

namespace {

std::string text_of(const Headers& headers) {
  std::string out;
  for (const Header field : headers)
    out += std::string(field.name) + ": " + std::string(field.value) + '\n';
  return out;
}

constexpr std::int64_t now = 1'800'000'000;  // 2027-01-15T08:00:00Z

}  // namespace

TEST_CASE("OpenAI's figures become Anthropic's, durations become times") {
  struct Row {
    const char* reset;
    const char* time;
  };
  const Row rows[] = {
      {"1s", "2027-01-15T08:00:01Z"},    {"6m0s", "2027-01-15T08:06:00Z"},
      {"120ms", "2027-01-15T08:00:01Z"}, {"1h2m3.5s", "2027-01-15T09:02:04Z"},
      {"0s", "2027-01-15T08:00:00Z"},
  };
  for (const Row& row : rows) {
    INFO(row.reset);
    const Headers given{{"x-ratelimit-limit-requests", "100"},
                        {"x-ratelimit-remaining-requests", "7"},
                        {"x-ratelimit-reset-requests", row.reset}};
    CHECK(text_of(client_rate_limits(Dialect::anthropic, given, now)) ==
          "anthropic-ratelimit-requests-limit: 100\nanthropic-ratelimit-requests-remaining: 7\n"
          "anthropic-ratelimit-requests-reset: " +
              std::string(row.time) + '\n');
  }
}

TEST_CASE("Anthropic's figures become OpenAI's, times become durations") {
  struct Row {
    const char* reset;
    const char* duration;
  };
  const Row rows[] = {
      {"2027-01-15T08:00:01Z", "1s"},        {"2027-01-15T08:06:00Z", "6m0s"},
      {"2027-01-15T10:00:05Z", "2h0m5s"},    {"2027-01-15T07:00:00Z", "0s"},
      {"2027-01-15T09:06:00+01:00", "6m0s"},
  };
  for (const Dialect client : {Dialect::chat, Dialect::responses}) {
    for (const Row& row : rows) {
      INFO(row.reset);
      const Headers given{{"anthropic-ratelimit-tokens-limit", "80000"},
                          {"anthropic-ratelimit-tokens-remaining", "0"},
                          {"anthropic-ratelimit-tokens-reset", row.reset}};
      CHECK(text_of(client_rate_limits(client, given, now)) ==
            "x-ratelimit-limit-tokens: 80000\nx-ratelimit-remaining-tokens: 0\n"
            "x-ratelimit-reset-tokens: " +
                std::string(row.duration) + '\n');
    }
  }
}

TEST_CASE("what a client's own dialect says already stays, what makes no sense is left out") {
  const Headers own{{"x-ratelimit-reset-tokens", "6m0s"}, {"x-ratelimit-limit-tokens", "9"}};
  CHECK(text_of(client_rate_limits(Dialect::chat, own, now)) ==
        "x-ratelimit-limit-tokens: 9\nx-ratelimit-reset-tokens: 6m0s\n");
  const Headers nonsense{{"x-ratelimit-limit-tokens", "many"},
                         {"x-ratelimit-remaining-tokens", ""},
                         {"x-ratelimit-reset-tokens", "soon"},
                         {"anthropic-ratelimit-requests-reset", "soon"}};
  CHECK(client_rate_limits(Dialect::anthropic, nonsense, now).empty());
  CHECK(client_rate_limits(Dialect::chat, nonsense, now).empty());
}

TEST_CASE("how long to wait goes on to everybody, the rest not to Gemini's clients") {
  const Headers given{{"Retry-After", "30"},
                      {"retry-after-ms", "29500"},
                      {"x-ratelimit-limit-tokens", "9"},
                      {"server", "x"}};
  CHECK(text_of(client_rate_limits(Dialect::gemini, given, now)) ==
        "retry-after: 30\nretry-after-ms: 29500\n");
  CHECK(client_rate_limits(Dialect::anthropic, given, now).size() == 3);
}
