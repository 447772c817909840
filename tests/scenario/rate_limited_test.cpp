#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a 429 goes to the next key of the provider and then to the next provider",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  CHECK(f.ask(request(stream)).status == 200);
  CHECK(tries(f.finished()) == "one:rate_limited one:rate_limited two:success");
  REQUIRE(one.requests().size() == 2);
  CHECK(one.requests()[0].head.headers.get("x-api-key") == "sk-test-one");
  CHECK(one.requests()[1].head.headers.get("x-api-key") == "sk-test-one-b");
}

TEST_CASE("a key that was limited is left alone until its time is over", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(stream));
  f.harness.advance(milliseconds(29'999));
  f.ask(request(stream));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(milliseconds(1));
  f.ask(request(stream));
  CHECK(tries(f.finished(3)) == "one:success");
}

TEST_CASE("a limited key is left alone for the one model only", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(false));
  f.ask(RelayFixture::post(R"({"model":"claude-other","messages":[]})"));
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("a 429 says how long to wait in each of the ways there are", "[scenario]") {
  struct Case {
    Headers headers;
    std::string seconds;
  };
  // The manual clock starts at one in the morning of 2026-01-01.
  const std::vector<Case> cases{
      {{{"retry-after", "7"}}, "7"},
      {{{"retry-after", "1.5"}}, "2"},
      {{{"retry-after", "0"}}, "1"},
      {{{"retry-after-ms", "2500"}, {"retry-after", "60"}}, "3"},
      {{{"retry-after", "Thu, 01 Jan 2026 01:00:30 GMT"}}, "30"},
      {{{"anthropic-ratelimit-requests-remaining", "0"},
        {"anthropic-ratelimit-requests-reset", "2026-01-01T01:00:20Z"}},
       "20"},
      {{{"retry-after", "soon"}}, "10"},
      {{}, "10"},
  };
  for (const Case& one : cases) {
    const Answer answer =
        alone(Script::error(429, "rate_limit_error", "slow down", one.headers), false);
    INFO("expected " << one.seconds);
    CHECK(answer.status == 429);
    CHECK(answer.headers.get("retry-after") == one.seconds);
    CHECK_FALSE(answer.headers.contains("retry-after-ms"));
  }
}

TEST_CASE("the last 429 is passed on with the soonest time of all keys", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(429, "rate_limit_error", "first", {{"retry-after", "40"}}));
  one.enqueue(Script::error(429, "rate_limit_error", "second", {{"retry-after", "5"}}));
  two.enqueue(Script::error(429, "rate_limit_error", "third", {{"retry-after", "90"}}));
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "5");
  CHECK(answer.body == R"({"type":"error","error":{"type":"rate_limit_error","message":"third"}})");
}

TEST_CASE("with every key limited the provider's last 429 is told again and nobody asked",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(stream));
  f.harness.advance(seconds(10));
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "20");
  // In the provider's own words.
  CHECK(answer.body ==
        R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})");
  CHECK(one.requests().size() == 1);
}
