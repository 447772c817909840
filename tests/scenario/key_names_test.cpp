#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a key's name stands beside its fingerprint wherever the key is told", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].keys[0].name = "team-a";
  f.config.routing.debug = true;
  f.start();

  const Answer good = f.ask(request(false));
  const AttemptSummary answered = f.finished().attempts.front();
  const std::string label = "team-a (" + answered.key + ")";
  CHECK(answered.key_name == "team-a");
  CHECK(good.headers.get("x-cc-relay-key") == label);
  CHECK(has(log_lines(f.observer), R"("key":")" + answered.key + R"(","key_name":"team-a")"));
  CHECK(has(log_lines(f.observer), " key=" + answered.key + " key_name=team-a"));
  CHECK(has(observed(f.observer), "one with " + label));
  const Answer list = f.ask(RelayFixture::get("/v1/providers"));
  CHECK(has(list.body, R"("key":")" + answered.key + R"(","name":"team-a")"));

  one.enqueue(Script::error(401, "authentication_error", "bad key"));
  f.ask(request(false));
  CHECK(has(observed(f.observer), label));
  CHECK(fields_of(f.observer, "key_refused").find("key=" + answered.key) != std::string::npos);
  // The name is for people: the provider is never told.
  CHECK_FALSE(has(received(one), "team-a"));
}

TEST_CASE("what is known of a key stays when it gets a name", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down"));
  f.start();
  f.ask(request(false));
  f.config.providers[0].keys[0].name = "team-a";
  REQUIRE(f.relay->reload(f.config));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  CHECK(one.requests().size() == 1);
  const Answer list = f.ask(RelayFixture::get("/v1/providers"));
  CHECK(has(list.body, R"("name":"team-a","state":"cooling")"));
}
