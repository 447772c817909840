#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

bool noted(const RelayFixture& f, std::string_view event, std::string_view part) {
  for (const Note& note : f.observer.notes) {
    if (note.event == event && has(note.message, part)) return true;
  }
  return false;
}

// Two providers, of which the first has failed as often as its breaker takes.
struct OpenBreaker {
  explicit OpenBreaker(const Script& failure = Script::error(500, "api_error", "down"))
      : one(f.add_provider("one")), two(f.add_provider("two")) {
    f.config.health.failure_threshold = 3;
    f.config.health.checks = false;
    for (int i = 0; i < 3; ++i) one.enqueue(failure);
    f.start();
    for (int i = 0; i < 3; ++i) f.ask(request(false));
  }
  RelayFixture f;
  FakeProvider& one;
  FakeProvider& two;
};

}  // namespace

TEST_CASE("a provider that fails again and again is left out until its time is over",
          "[scenario]") {
  OpenBreaker scene;
  CHECK(noted(scene.f, "breaker", "closed -> open"));
  const bool stream = GENERATE(false, true);
  CHECK(scene.f.ask(request(stream)).status == 200);
  CHECK(tries(scene.f.finished(4)) == "two:success");
  scene.f.harness.advance(milliseconds(29'999));
  scene.f.ask(request(stream));
  CHECK(tries(scene.f.finished(5)) == "two:success");
  scene.f.harness.advance(milliseconds(1));
  scene.f.ask(request(stream));
  CHECK(tries(scene.f.finished(6)) == "one:success");
}

TEST_CASE("lost connections open the breaker too", "[scenario]") {
  // The older relay never counted them.
  OpenBreaker scene(Script().reset());
  scene.f.ask(request(false));
  CHECK(tries(scene.f.finished(4)) == "two:success");
}

TEST_CASE("a stream that breaks after it began counts against its provider", "[scenario]") {
  // The older relay counted the head as success.
  RelayFixture f;
  f.config.health.failure_threshold = 2;
  f.config.health.checks = false;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  const auto events = Script::events("hello");
  for (int i = 0; i < 2; ++i) {
    one.enqueue(Script::stream_head().chunk(events[0]).chunk(events[1]).reset());
  }
  f.start();
  for (int i = 0; i < 2; ++i) f.ask(request(true));
  f.ask(request(true));
  CHECK(tries(f.finished(3)) == "two:success");
}

TEST_CASE("what is wrong with requests does not open the breaker", "[scenario]") {
  const int status = GENERATE(400, 404, 413, 422);
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(status, "invalid_request_error", "no"));
  f.start();
  f.ask(request(false));
  CHECK(f.ask(request(false)).status == 200);
  CHECK_FALSE(noted(f, "breaker", "open"));
}

TEST_CASE("a limited key opens no breaker as long as another one is free", "[scenario]") {
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].keys.push_back({Secret("sk-test-one-b"), 1, 1});
  one.enqueue(Script::error(429, "rate_limit_error", "slow", {{"retry-after", "5"}}));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK_FALSE(noted(f, "breaker", "open"));
}

TEST_CASE("a half-open breaker lets in only as many at once as it says", "[scenario]") {
  // The older relay gave the permit back at once.
  OpenBreaker scene;
  scene.f.harness.advance(seconds(30));
  const std::size_t before = scene.one.requests().size();
  for (int i = 0; i < 3; ++i) scene.one.enqueue(Script().hold());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(scene.f.connect());
    clients.back()->send(request(false));
  }
  scene.f.finished(5);  // three as before, and the two that went to the other provider
  CHECK(scene.one.requests().size() - before == 3);
  CHECK(tries(scene.f.observer.requests[3]) == "two:success");
  CHECK(tries(scene.f.observer.requests[4]) == "two:success");
}

TEST_CASE("one failure while half-open closes the door for twice as long", "[scenario]") {
  OpenBreaker scene;
  scene.f.harness.advance(seconds(30));
  scene.one.enqueue(Script::error(500, "api_error", "still down"));
  scene.f.ask(request(false));
  CHECK(tries(scene.f.finished(4)) == "one:failed two:success");
  scene.f.harness.advance(seconds(59));
  scene.f.ask(request(false));
  CHECK(tries(scene.f.finished(5)) == "two:success");
  scene.f.harness.advance(seconds(1));
  scene.f.ask(request(false));
  CHECK(tries(scene.f.finished(6)) == "one:success");
}

TEST_CASE("a lone provider is asked although its breaker is open", "[scenario]") {
  RelayFixture f;
  f.config.health.failure_threshold = 2;
  FakeProvider& one = f.add_provider("one");
  for (int i = 0; i < 3; ++i) one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  for (int i = 0; i < 3; ++i) CHECK(f.ask(request(false)).status == 500);
  CHECK(f.ask(request(false)).status == 200);
}

TEST_CASE("a provider behind an open breaker is asked when everybody else has failed",
          "[scenario]") {
  OpenBreaker scene;
  scene.two.enqueue(Script::error(500, "api_error", "down as well"));
  CHECK(scene.f.ask(request(false)).status == 200);
  CHECK(tries(scene.f.finished(4)) == "two:failed one:success");
}

TEST_CASE("a good check lets requests in before the breaker's time is over", "[scenario]") {
  // The older relay threw the result away.
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  f.config.health.open_duration = seconds(300);
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request(false));
  one.enqueue(Script::reply(200, "application/json", R"({"data":[]})"));
  f.harness.advance(seconds(13));  // an interval and its jitter
  f.until([&] { return one.requests().size() == 2; });
  const RecordedRequest& check = one.requests()[1];
  CHECK(check.head.method == "GET");
  CHECK(check.head.target == "/v1/models?limit=1");
  CHECK(check.head.headers.get("x-api-key") == "sk-test-one");
  f.until([&] { return noted(f, "breaker", "open -> half_open"); });
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("a bad check changes nothing, and providers that are well are not asked", "[scenario]") {
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  f.config.health.open_duration = seconds(300);
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(Script::error(500, "api_error", "down"));
  one.enqueue(Script::error(503, "api_error", "down"));
  f.start();
  f.ask(request(false));
  f.harness.advance(seconds(13));
  f.until([&] { return one.requests().size() == 2; });
  f.harness.settle();
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  CHECK(two.requests().size() == 2);  // the two requests
}

TEST_CASE("no provider is checked when checks are off", "[scenario]") {
  OpenBreaker scene;
  scene.f.harness.advance(seconds(25));
  CHECK(scene.one.requests().size() == 3);
}

TEST_CASE("a lost connection counts although nobody may ask again", "[scenario]") {
  RelayFixture f;
  f.config.routing.max_attempts = 1;
  f.config.health.failure_threshold = 2;
  f.add_provider("one");
  f.add_provider("two");
  // A port where nobody listens: surely unsent, and so asked again if it may be.
  f.config.providers[0].base_url = "http://127.0.0.1:1";
  f.start();
  for (int i = 0; i < 2; ++i) CHECK(f.ask(request(false)).status == 502);
  CHECK(noted(f, "breaker", "closed -> open"));
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished(3)) == "two:success");
}

TEST_CASE("an error inside a stream that is the request's own fault opens no breaker",
          "[scenario]") {
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head().chunk(in_band_error("invalid_request_error")).last_chunk());
  f.start();
  f.ask(request(true));
  CHECK(tries(f.finished()) == "one:rejected");
  CHECK_FALSE(noted(f, "breaker", "open"));
}
