#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/tries.hpp"

// How long a key is set aside, whichever way its provider says so.

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Limit {
  const char* what;
  Headers headers;
  std::string body;
  int wait_s;
  std::string type = "anthropic";
};

std::string saying(const std::string& message) {
  return R"({"type":"error","error":{"type":"rate_limit_error","message":")" + message + "\"}}";
}

// The manual clock starts at one in the morning of 2026-01-01, which is 1767229200.
std::vector<Limit> limits() {
  return {
      {"Beijing time in words",
       {},
       R"({"error":{"code":"1308","message":"Usage limit reached for 5 hour. Your limit will reset at 2026-01-01 10:30:00"}})",
       5400,
       "zai"},
      {"the same, where a short retry-after stands beside it",
       {{"retry-after", "10"}},
       R"({"error":{"code":"1308","message":"Your limit will reset at 2026-01-01 10:30:00"}})",
       5400,
       "zai"},
      {"a subscription's reset alone",
       {{"anthropic-ratelimit-unified-reset", "1767232800"}},
       saying("slow down"),
       3600},
      {"RFC 850", {{"retry-after", "Thursday, 01-Jan-26 01:00:40 GMT"}}, saying("no"), 40},
      {"asctime", {{"retry-after", "Thu Jan  1 01:00:40 2026"}}, saying("no"), 40},
      {"a clock an hour behind",
       {{"date", "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"retry-after", "Thu, 01 Jan 2026 00:01:00 GMT"}},
       saying("no"),
       60},
      {"a clock an hour ahead",
       {{"date", "Thu, 01 Jan 2026 02:00:00 GMT"},
        {"retry-after", "Thu, 01 Jan 2026 02:01:00 GMT"}},
       saying("no"),
       60},
      {"OpenAI's headers",
       {{"x-ratelimit-reset-requests", "6m0s"}, {"x-ratelimit-remaining-requests", "0"}},
       saying("no"),
       360},
      {"OpenAI's words", {}, saying("Please try again in 1m20s."), 80},
      {"Google's details",
       {},
       R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"no","details":[{"retryDelay":"34s"}]}})",
       34},
      {"an epoch in the body",
       {},
       R"({"error":{"type":"usage_limit_reached","resets_at":1767229500}})",
       300},
      {"a quota's words", {}, saying("Your quota will reset after 3h2m"), 10920},
      {"an absurd wait", {{"retry-after", "99999999999"}}, saying("no"), 86400},
      {"an end in the past", {}, saying("resets at 2025-12-31T00:00:00Z"), 10},
      {"none", {}, saying("slow down"), 10},
  };
}

}  // namespace

TEST_CASE("a limited key is asked again when its limit ends, however that is said",
          "[scenario][waits]") {
  for (const Limit& one : limits()) {
    INFO(one.what);
    RelayFixture f;
    FakeProvider& provider = f.add_provider("one");
    f.config.providers[0].type = one.type;
    provider.enqueue(Script::reply(429, "application/json", one.body, one.headers));
    f.start();
    const Answer first = f.ask(request(false));
    CHECK(first.status == 429);
    CHECK(first.body == one.body);
    CHECK(first.headers.get("retry-after") == std::to_string(one.wait_s));
    f.harness.advance(seconds(one.wait_s - 1));
    // Told again in the provider's words, with what is left.
    const Answer again = f.ask(request(GENERATE(false, true)));
    CHECK(again.status == 429);
    CHECK(again.body == one.body);
    CHECK(again.headers.get("retry-after") == "1");
    CHECK(provider.requests().size() == 1);
    f.harness.advance(seconds(1));
    CHECK(f.ask(request(false)).status == 200);
    CHECK(provider.requests().size() == 2);
  }
}

TEST_CASE("a 429 that is overload sets no key aside", "[scenario][waits]") {
  const std::string body = GENERATE(
      std::string(R"({"error":{"code":"1305","message":"The service may be overloaded"}})"),
      std::string(
          R"({"error":{"message":"The engine is overloaded","type":"engine_overloaded_error"}})"));
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.routing.max_attempts = 2;
  one.enqueue(Script::reply(429, "application/json", body));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "one:overloaded two:success");
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished(2)) == "one:success");
}
