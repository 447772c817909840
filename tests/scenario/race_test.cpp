#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

TEST_CASE("without a failure a race asks one provider alone", "[scenario]") {
  RelayFixture f;
  f.config.routing.race = 3;
  f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.start();
  CHECK(f.ask(request(GENERATE(false, true))).status == 200);
  CHECK(tries(f.finished()) == "one:success");
  CHECK(two.requests().empty());
}

TEST_CASE("after a failure the race asks as many at once as it may, and the first good head wins",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.config.routing.race = 2;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  FakeProvider& four = f.add_provider("four");
  two.enqueue(Script().hold());
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 200);
  CHECK(tries(f.finished()) == "one:failed two:cancelled three:success");
  CHECK(two.requests().size() == 1);
  CHECK(three.requests().size() == 1);
  CHECK(four.requests().empty());
  f.until([&] { return two.cancelled() == 1; });
}

TEST_CASE("a stream that begins well but has no event yet does not win a race", "[scenario]") {
  RelayFixture f;
  f.config.routing.race = 2;
  f.config.stream.hold = milliseconds(1'000'000);
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  FakeProvider& two = f.add_provider("two");
  f.add_provider("three");
  two.enqueue(Script::stream_head().chunk(Script::events("x")[0]).hold());
  f.start();
  CHECK(f.ask(request(true)).status == 200);
  CHECK(tries(f.finished()) == "one:failed two:cancelled three:success");
}

TEST_CASE("a loser of the race that fails makes room for the next", "[scenario]") {
  RelayFixture f;
  f.config.routing.race = 2;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  f.add_provider("two").enqueue(Script().hold());
  f.add_provider("three").enqueue(Script().reset());
  f.add_provider("four");
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "one:failed three:transport two:cancelled four:success");
}

TEST_CASE("a client that leaves ends every attempt of its race", "[scenario]") {
  RelayFixture f;
  f.config.routing.race = 3;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  two.enqueue(Script().hold());
  three.enqueue(Script().hold());
  f.start();
  auto client = f.connect();
  client->send(request(true));
  f.until([&] { return two.requests().size() + three.requests().size() == 2; });
  client->close();
  f.until([&] { return two.cancelled() + three.cancelled() == 2; });
  const RequestSummary& summary = f.finished();
  CHECK(summary.status == 499);
  CHECK(tries(summary).starts_with("one:failed "));
  CHECK(summary.attempts.size() == 3);
  CHECK(summary.attempts[1].outcome == Outcome::cancelled);
  CHECK(summary.attempts[2].outcome == Outcome::cancelled);
}

TEST_CASE("an overloaded provider is repeated in place while others race", "[scenario]") {
  RelayFixture f;
  f.config.routing.race = 2;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(Script::error(529, "overloaded_error", "busy"));
  two.enqueue(Script().hold());
  f.start();
  auto client = f.connect();
  client->send(request(false));
  f.until([&] { return two.requests().size() == 1; });
  f.harness.advance(milliseconds(1000));
  CHECK(tries(f.finished()) == "one:overloaded two:cancelled one:success");
  CHECK(f.observer.requests.back().status == 200);
}
