#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;
using F = RelayFixture;

namespace {

std::string header(const Answer& answer, std::string_view name) {
  return std::string(answer.headers.get(name).value_or("(none)"));
}

}  // namespace

TEST_CASE("the providers are listed with their state and without their keys", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].models = {"m1"};
  f.config.providers[0].keys[0].rpm_limit = 50;
  f.start();
  const std::string body = f.ask(F::get("/v1/providers")).body;
  CHECK(
      has(body, R"("data":[{"name":"one","type":"anthropic","owner":"anthropic",)"
                R"("base_url":")" +
                    provider.url() +
                    R"(","models":["m1"],"active":true,"health":"ok","status":"ok","in_flight":0,)"
                    R"("breaker":{"state":"closed","failures":0},"keys":[{"key":")"));
  CHECK(
      has(body, R"("state":"ok","in_flight":0,"requests":{"used":0,"limit":50}}]}],"requests":)"));
  CHECK_FALSE(has(body, "sk-test"));
}

TEST_CASE("the list of providers tells of limits, refusals and breakers", "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  f.config.health.failure_threshold = 1;
  one.enqueue(Script::error(429, "rate_limit_error", "slow", {{"retry-after", "30"}}));
  two.enqueue(Script::error(401, "authentication_error", "who"));
  three.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request(false));
  f.harness.advance(seconds(10));
  const std::string body = f.ask(F::get("/v1/providers")).body;
  CHECK(has(body, R"("state":"cooling","in_flight":0,"cooling":[{"model":"claude-test",)"
                  R"("free_in_ms":20000}])"));
  CHECK(has(body, R"("health":"keys_refused")"));
  CHECK(has(body, R"("state":"refused","in_flight":0,"free_in_ms":290000)"));
  CHECK(has(body, R"("health":"open")"));
  CHECK(has(body, R"("breaker":{"state":"open","failures":1,"half_open_in_ms":20000})"));
}

TEST_CASE("a relay whose only provider's breaker is open is not ready", "[scenario]") {
  F f;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  f.start();
  CHECK(f.ask(F::get("/ready")).status == 200);
  f.ask(request(false));
  CHECK(f.ask(F::get("/ready")).status == 503);
  f.harness.advance(seconds(30));
  CHECK(f.ask(F::get("/ready")).status == 200);
}

TEST_CASE("a relay whose every key has used up its requests is not ready", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].keys[0].rpm_limit = 1;
  f.start();
  f.ask(request(false));
  CHECK(f.ask(F::get("/ready")).status == 503);
  f.harness.advance(seconds(61));
  CHECK(f.ask(F::get("/ready")).status == 200);
}

TEST_CASE("routing.debug tells who answered and why", "[scenario]") {
  const bool stream = GENERATE(false, true);
  F f;
  f.config.routing.debug = true;
  f.config.routing.strategy = "round_robin";
  f.add_provider("one");
  f.add_provider("two");
  f.start();
  const Answer first = f.ask(request_of("s", stream));
  const std::string provider = f.finished(1).attempts.back().provider;
  CHECK(header(first, "x-cc-relay-provider") == provider);
  CHECK(header(first, "x-cc-relay-strategy") == "round_robin");
  CHECK(header(first, "x-cc-relay-key") == f.finished(1).attempts.back().key);
  CHECK(header(first, "x-cc-relay-attempts") == "1");
  CHECK(header(first, "x-cc-relay-health") == "closed");
  CHECK(header(first, "x-cc-relay-affinity") == "new");
  CHECK(has(header(first, "server-timing"), "queue;dur="));
  const Answer second = f.ask(request_of("s", stream));
  CHECK(header(second, "x-cc-relay-provider") == provider);
  CHECK(header(second, "x-cc-relay-affinity") == "home");
}

TEST_CASE("without routing.debug nothing of it is told", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const Answer answer = f.ask(request(GENERATE(false, true)));
  for (const Header field : answer.headers) CHECK_FALSE(has(field.name, "x-cc-relay"));
}

TEST_CASE("the debug log tells each decision with what it cost", "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request(false));
  const RequestSummary& summary = f.finished();
  std::string trace;
  for (const Note& note : f.observer.notes) {
    if (note.event == "trace" && note.request_id == summary.request_id)
      trace += note.message + "\n";
  }
  CHECK(has(trace, "attempt 1: one with " + summary.attempts[0].key));
  CHECK(has(trace, "one: failed after 0 ms: answered 500"));
  CHECK(has(trace, "attempt 2: two with " + summary.attempts[1].key));
}
