#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

TEST_CASE("no more tries are made than routing.max_attempts allows", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  for (const char* name : {"one", "two", "three"}) {
    f.add_provider(name).enqueue(Script::error(500, "api_error", name));
  }
  f.config.routing.max_attempts = 2;
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 500);
  CHECK(has(answer.body, "\"message\":\"two\""));
  CHECK(tries(f.finished()) == "one:failed two:failed");
}

TEST_CASE("no try begins later than routing.failover_timeout after the first failure",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "one"));
  FakeProvider& two = f.add_provider("two");
  two.enqueue(Script().hold().reset());
  FakeProvider& three = f.add_provider("three");
  f.start();
  const auto client = f.connect();
  client->send(request(stream));
  f.until([&] { return two.requests().size() == 1; });
  f.harness.advance(milliseconds(5'001));
  two.release();
  CHECK(tries(f.finished()) == "one:failed two:transport");
  CHECK(three.requests().empty());
}

TEST_CASE("a try may still begin just within routing.failover_timeout", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "one"));
  FakeProvider& two = f.add_provider("two");
  two.enqueue(Script().hold().reset());
  f.add_provider("three");
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return two.requests().size() == 1; });
  f.harness.advance(milliseconds(5'000));
  two.release();
  CHECK(tries(f.finished()) == "one:failed two:transport three:success");
}

TEST_CASE("a 429 is a better last word than a later failure", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "12"}}));
  f.add_provider("two").enqueue(Script::error(500, "api_error", "broken"));
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "12");
  CHECK(has(answer.body, "slow down"));
}

TEST_CASE("a provider's own error is a better last word than a lost connection", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "broken"));
  f.add_provider("two").enqueue(Script().reset());
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 500);
  CHECK(has(answer.body, "broken"));
}

TEST_CASE("an error whose body was cut is no last word", "[scenario]") {
  const Answer answer =
      alone(Script()
                .head(500, {{"content-type", "application/json"}, {"content-length", "100"}})
                .send("{\"half\":")
                .reset(),
            GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK_FALSE(has(answer.body, "half"));
}
