#include <chrono>
#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;
using F = RelayFixture;

namespace {

std::string status(F& f) {
  return f.ask(F::get("/v1/providers")).body;
}

Script down() {
  return Script::error(500, "api_error", "down");
}

}  // namespace

TEST_CASE("a relay whose providers are well serves, and says what it is", "[scenario][status]") {
  F f;
  f.add_provider("one");
  f.config.source = "/etc/relay.toml";
  f.start();
  f.harness.advance(seconds(21));
  const std::string said = status(f);
  CHECK(has(said, R"("status":"serving","why":"")"));
  CHECK(has(said, R"("relay":{"version":")" + std::string(version()) + R"(","uptime_ms":21000,)"));
  CHECK(has(said, R"("configuration":"/etc/relay.toml","configuration_age_ms":21000,"listen":[)"));
  CHECK(has(said, R"("health":"ok","status":"ok")"));
  CHECK_FALSE(has(said, "last_error"));
}

TEST_CASE("one provider in trouble among others makes it degraded, and says how long",
          "[scenario][status]") {
  F f;
  f.config.health.checks = false;
  f.config.health.failure_threshold = 1;
  f.add_provider("one").enqueue(down());
  f.add_provider("two");
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  f.harness.advance(seconds(9));
  const std::string said = status(f);
  const std::string words = "left out 21 s more after 1 failure: answered 500";
  CHECK(has(said, R"("status":"degraded","why":"one: )" + words + '"'));
  CHECK(has(said, R"("health":"open","status":")" + words + '"'));
  CHECK(has(said, R"("last_error":{"time":")"));
  CHECK(has(said, R"("message":"answered 500")"));
  // When it is let in for a try it is told so; once that went well, all is.
  f.harness.advance(seconds(22));
  CHECK(has(status(f), R"("status":"let in for a try after 1 failure: answered 500")"));
  for (const std::string session : {"a", "b", "c"}) f.ask(request_of(session));
  CHECK(has(status(f), R"("status":"serving","why":"")"));
}

TEST_CASE("no provider that can take a request is not serving", "[scenario][status]") {
  F f;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  f.add_provider("one").enqueue(down());
  f.start();
  f.ask(request(false));
  CHECK(has(status(f), R"("status":"not serving","why":"no provider can take a request: one: left )"
                       R"(out 30 s more after 1 failure: answered 500")"));
}

TEST_CASE("the last request to each provider failed: that is not serving either",
          "[scenario][status]") {
  F f;
  f.add_provider("one").enqueue(down());
  f.start();
  f.ask(request(false));
  CHECK(has(status(f), R"("status":"not serving","why":"the last request to each provider failed: )"
                       R"(one: its last request failed: answered 500")"));
  // What the client did wrong is no failure of the provider's; a good answer ends it.
  f.ask(request(false));
  CHECK(has(status(f), R"("status":"serving")"));
}

TEST_CASE("refused keys are named in the words", "[scenario][status]") {
  F f;
  f.add_provider("one").enqueue(Script::error(401, "authentication_error", "bad key"));
  f.config.providers[0].keys[0].name = "team-a";
  f.start();
  f.ask(request(false));
  const std::string key = f.finished().attempts.front().key;
  CHECK(has(status(f), R"("status":"refuses its key team-a ()" + key +
                           "), tried again in 5 min; check [[providers.keys]]\""));
}

TEST_CASE("a relay without providers does not serve", "[scenario][status]") {
  F f;
  f.start();
  CHECK(has(status(f),
            R"("status":"not serving","why":"no provider is configured; add [[providers]]")"));
}

TEST_CASE("counting that fails says nothing of a provider", "[scenario][status]") {
  F f;
  f.add_provider("one").enqueue(down());
  f.start();
  f.ask(F::post(F::body(false), {}, "/v1/messages/count_tokens"));
  CHECK(has(status(f), R"("status":"serving")"));
}
