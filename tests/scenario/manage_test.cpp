#include <ccrelay/manage.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using management::AdminState;
using management::Code;
using management::Order;
using management::ProviderHealth;
using management::RequestState;
using std::chrono::minutes;
using std::chrono::seconds;

// What the Manager tells of a relay, and what it does to one.

namespace {

struct Managed : F {
  Managed() {
    one = &add_provider("one");
    two = &add_provider("two");
  }
  management::Manager& manager() { return relay->manager(); }
  management::Provider provider(const std::string& name) {
    const auto reply = manager().provider(name);
    REQUIRE(reply);
    return *reply;
  }
  // The fingerprint of the one key of a provider.
  std::string key_of(const std::string& name) { return provider(name).keys.at(0); }
  // Notes are told in the next turn.
  std::vector<std::string> managed() {
    until([&] {
      return std::any_of(observer.notes.begin(), observer.notes.end(),
                         [](const Note& note) { return note.event == "managed"; });
    });
    std::vector<std::string> out;
    for (const Note& note : observer.notes) {
      if (note.event == "managed") out.push_back(note.message);
    }
    return out;
  }
  FakeProvider* one;
  FakeProvider* two;
};

const Order by_ops{"uid:1000", "maintenance", {}, false};

}  // namespace

TEST_CASE("a relay tells what it is and what it has done", "[scenario][manage]") {
  Managed f;
  f.config.source = "/etc/relay.toml";
  f.start();
  f.ask(request(false));
  f.one->enqueue(Script::error(400, "invalid_request_error", "no"));
  f.ask(request(false));
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.ask(request(false));
  f.ask(F::get("/v1/models"));  // its own pages are not counted
  f.finished(4);
  f.harness.advance(seconds(3));

  const auto info = f.manager().info();
  CHECK(info.name == "cc-relay");
  CHECK(info.version == version());
  CHECK(info.config_source == "/etc/relay.toml");
  CHECK(info.config_generation == 1);
  CHECK(info.listen_addresses == f.relay->addresses());

  const auto status = f.manager().status(5);
  REQUIRE(status);
  CHECK(status->state == management::ServerState::serving);
  CHECK(status->uptime_ms == 3000);
  CHECK(status->in_flight == 0);
  CHECK(status->totals.requests == 3);
  CHECK(status->totals.failed == 0);
  CHECK(status->totals.retried == 1);
  CHECK(status->totals.attempts == 4);
  CHECK(status->totals.usage.input_tokens == 2 * 11);
  CHECK(status->totals.usage.output_tokens == 2 * 7);
  CHECK(status->first_byte.count == 3);
  REQUIRE(status->history.size() == 3);
  CHECK(status->history[0].requests == 3);
  CHECK(status->history[0].in_flight_max == 1);
  CHECK(status->history[1].requests == 0);
  CHECK(status->rates.requests_per_second == 1);
  CHECK(status->providers.configured == 2);
  CHECK(status->providers.available == 2);
  CHECK(status->process.rss_bytes > 0);
  CHECK(f.manager().status(301).refusal().code == Code::invalid_argument);
  CHECK(f.manager().status(-1).refusal().code == Code::invalid_argument);
}

TEST_CASE("a provider is told with what was asked of it and what went wrong",
          "[scenario][manage]") {
  Managed f;
  f.config.providers[1].enabled = false;
  f.config.providers[1].base_url = "https://example.com/x";
  f.config.health.failure_threshold = 2;
  f.start();
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.ask(request(false));
  f.finished();

  const auto all = f.manager().providers();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "one");
  CHECK(all[0].admin_state == AdminState::enabled);
  CHECK(all[0].health == ProviderHealth::ok);
  CHECK(all[0].breaker.failures == 1);
  CHECK(all[0].totals.attempts == 1);
  CHECK(all[0].totals.failed == 1);
  REQUIRE(all[0].outcomes.size() == 1);
  CHECK(all[0].outcomes[0].outcome == Outcome::failed);
  CHECK(all[0].failure_ratio == 1.0);
  REQUIRE(all[0].last_error);
  CHECK(all[0].last_error->status == 500);
  CHECK(all[0].last_error->message == f.finished().attempts[0].detail);
  CHECK(all[1].admin_state == AdminState::disabled);
  CHECK(all[1].base_url == "https://example.com/x");

  CHECK(f.manager().provider("three").refusal().code == Code::not_found);
  CHECK(f.manager().provider("three").refusal().message ==
        "there is no provider \"three\"; there are: one, two");
  const auto refused = f.manager().enable_provider("two", by_ops);
  CHECK(refused.refusal().code == Code::failed_precondition);
}

TEST_CASE("a provider that is out for want of its key is not enabled without it",
          "[scenario][manage]") {
  Managed f;
  f.config.source = "/etc/relay.toml";
  f.config.providers[1].enabled = false;
  f.config.providers[1].missing_variable = "TWO_KEY";
  f.start();
  const auto refused = f.manager().enable_provider("two", by_ops);
  REQUIRE_FALSE(refused);
  CHECK(refused.refusal().code == Code::failed_precondition);
  CHECK(refused.refusal().message ==
        "the provider \"two\" has no key, because the environment variable TWO_KEY, which "
        "/etc/relay.toml names, has no value: start the relay with one");
}

TEST_CASE("a key is known by its fingerprint, and no secret is told", "[scenario][manage]") {
  Managed f;
  f.one->enqueue(Script::error(429, "rate_limit_error", "slow", {{"retry-after", "60"}}));
  f.start();
  f.ask(request(false));
  const auto keys = f.manager().keys();
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].fingerprint == f.finished().attempts.at(0).key);
  CHECK(keys[0].providers == std::vector<std::string>{"one"});
  CHECK(keys[0].state == management::KeyState::cooling);
  REQUIRE(keys[0].cool_downs.size() == 1);
  CHECK(keys[0].cool_downs[0].model == "claude-test");
  CHECK(keys[0].totals.attempts == 1);
  CHECK(keys[1].state == management::KeyState::ok);
  CHECK(keys[1].totals.requests == 1);
  const std::string shown = f.manager().config().toml;
  CHECK(has(shown, "***"));
  CHECK_FALSE(has(shown, "sk-test-one"));
  CHECK_FALSE(has(f.manager().key("sk-test-one").refusal().message, keys[0].fingerprint + "x"));
}

TEST_CASE("a provider that is disabled gets nothing from then on, and takes it up again",
          "[scenario][manage]") {
  Managed f;
  f.start();
  const auto changed = f.manager().disable_provider("one", by_ops);
  REQUIRE(changed);
  CHECK(changed->changed);
  CHECK(changed->warnings.empty());
  CHECK(changed->now.admin_state == AdminState::disabled);
  REQUIRE(changed->now.admin_override);
  CHECK(changed->now.admin_override->set_by == "uid:1000");
  CHECK(changed->now.admin_override->reason == "maintenance");
  CHECK_FALSE(changed->now.admin_override->expire_time);
  CHECK_FALSE(f.manager().disable_provider("one", by_ops)->changed);

  f.ask(request(false));
  CHECK(tries(f.finished()) == "two:success");
  CHECK(f.one->requests().empty());
  CHECK(f.managed().at(0) == "uid:1000 disabled provider one: maintenance");
  const std::string listed = f.ask(F::get("/v1/providers")).body;
  CHECK(has(listed, R"("active":false,"health":"disabled")"));
  CHECK(has(listed, R"("status":"disabled by uid:1000: maintenance")"));

  // Also when the other fails: an operator's word is above all.
  f.two->enqueue(Script::error(500, "api_error", "down"));
  CHECK(f.ask(request(false)).status == 500);
  CHECK(f.one->requests().empty());

  const auto back = f.manager().enable_provider("one", by_ops);
  CHECK(back->changed);
  CHECK_FALSE(back->now.admin_override);
  f.ask(request(false));
  CHECK(f.one->requests().size() == 1);
}

TEST_CASE("what is disabled for a while comes back by itself", "[scenario][manage]") {
  Managed f;
  f.start();
  const auto changed =
      f.manager().disable_provider("one", {"uid:0", {}, std::chrono::milliseconds(60'000), false});
  REQUIRE(changed);
  REQUIRE(changed->now.admin_override);
  CHECK(changed->now.admin_override->expire_time);
  f.harness.advance(seconds(59));
  CHECK(f.provider("one").admin_state == AdminState::disabled);
  f.harness.advance(seconds(1));
  CHECK(f.provider("one").admin_state == AdminState::enabled);
  f.ask(request(false));
  CHECK(f.one->requests().size() == 1);
}

TEST_CASE("with every provider disabled clients are told so, and the operator too",
          "[scenario][manage]") {
  Managed f;
  f.start();
  REQUIRE(f.manager().disable_provider("one", by_ops));
  const auto last = f.manager().disable_provider("two", by_ops);
  CHECK(last->warnings.size() == 1);
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 503);
  CHECK(has(answer.body, R"("type":"overloaded_error")"));
  CHECK(has(answer.body, "every provider is disabled"));
  CHECK(f.one->requests().empty());
  CHECK(f.two->requests().empty());
  CHECK(f.manager().status()->state == management::ServerState::not_ready);
  CHECK(f.ask(F::get("/ready")).status == 503);
}

TEST_CASE("a provider that drains keeps its conversations until they fall silent",
          "[scenario][manage]") {
  Managed f;
  f.start();
  f.ask(request_of("home"));
  CHECK(f.provider("one").conversations == 1);
  const auto drained =
      f.manager().drain_provider("one", {"uid:0", {}, std::chrono::milliseconds(3'600'000), false});
  REQUIRE(drained);
  CHECK(drained->changed);
  CHECK(drained->now.admin_state == AdminState::draining);
  f.ask(request_of("new"));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(minutes(4));
  f.ask(request_of("home"));
  CHECK(tries(f.finished(3)) == "one:success");
  f.harness.advance(minutes(5));
  f.ask(request_of("home"));
  CHECK(tries(f.finished(4)) == "two:success");
  // It has moved: it does not come back when it talks again.
  f.ask(request_of("home"));
  CHECK(tries(f.finished(5)) == "two:success");
  CHECK(f.provider("one").conversations == 0);
  f.harness.advance(minutes(60));
  CHECK(f.provider("one").admin_state == AdminState::disabled);
  CHECK_FALSE(f.manager().drain_provider("one", by_ops)->changed);
}

TEST_CASE("an operator closes a breaker, and the provider is asked again", "[scenario][manage]") {
  Managed f;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request(false));
  CHECK(f.provider("one").health == ProviderHealth::open);
  CHECK(f.provider("one").breaker.opened == 1);
  CHECK(f.provider("one").breaker.half_open_in_ms == 30'000);
  const auto reset = f.manager().reset_breaker("one", by_ops);
  CHECK(reset->changed);
  CHECK(reset->now.health == ProviderHealth::ok);
  CHECK(reset->now.breaker.failures == 0);
  CHECK_FALSE(f.manager().reset_breaker("one", by_ops)->changed);
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("a key that is disabled is used at no provider", "[scenario][manage]") {
  Managed f;
  f.start();
  const std::string key = f.key_of("one");
  const auto changed = f.manager().disable_key(key, by_ops);
  REQUIRE(changed);
  CHECK(changed->changed);
  CHECK(changed->now.admin_state == AdminState::disabled);
  REQUIRE(changed->warnings.size() == 1);
  CHECK(changed->warnings[0] == "the provider \"one\" has no key left that is enabled");
  f.ask(request(false));
  CHECK(tries(f.finished()) == "two:success");
  CHECK(f.one->requests().empty());
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("state":"disabled")"));
  REQUIRE(f.manager().disable_key(f.key_of("two"), by_ops));
  const Answer none = f.ask(request(false));
  CHECK(none.status == 503);
  CHECK(has(none.body, "every key for this model is disabled"));
  CHECK(f.manager().enable_key(key, by_ops)->changed);
  f.ask(request(false));
  CHECK(f.one->requests().size() == 1);
  CHECK(f.manager().disable_key("ffffffff", by_ops).refusal().code == Code::not_found);
}

TEST_CASE("a key's cool-down is taken back by a reset", "[scenario][manage]") {
  Managed f;
  f.config.providers[0].keys[0].rpm_limit = 10;
  f.one->enqueue(Script::error(429, "rate_limit_error", "slow", {{"retry-after", "60"}}));
  f.start();
  f.ask(request(false));
  const std::string key = f.key_of("one");
  const auto reset = f.manager().reset_key(key, false, by_ops);
  CHECK(reset->changed);
  CHECK(reset->now.state == management::KeyState::ok);
  CHECK(reset->now.budgets.at(0).used == 1);
  CHECK_FALSE(f.manager().reset_key(key, false, by_ops)->changed);
  CHECK(f.manager().reset_key(key, true, by_ops)->now.budgets.at(0).used == 0);
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("what operators said survives a reload", "[scenario][manage]") {
  Managed f;
  f.start();
  REQUIRE(f.manager().disable_provider("one", by_ops));
  REQUIRE(f.manager().disable_key(f.key_of("two"), by_ops));
  Config next = f.config;
  next.routing.max_attempts = 2;
  REQUIRE(f.relay->reload(next));
  CHECK(f.provider("one").admin_state == AdminState::disabled);
  CHECK(f.manager().key(f.key_of("two"))->admin_state == AdminState::disabled);
  CHECK(f.manager().config().generation == 2);
  REQUIRE(f.relay->reload(next));  // the same again
  CHECK(f.manager().config().generation == 2);
}

TEST_CASE("orders that make no sense are refused, with the field", "[scenario][manage]") {
  Managed f;
  f.start();
  const auto code = [&](const Order& order) {
    return f.manager().disable_provider("one", order).refusal().code;
  };
  CHECK(code({"x", std::string(201, 'r'), {}, false}) == Code::invalid_argument);
  CHECK(code({"x", {}, std::chrono::milliseconds(-1), false}) == Code::invalid_argument);
  CHECK(f.provider("one").admin_state == AdminState::enabled);
  REQUIRE(f.manager().disable_provider("one", {"x", "two\nlines", {}, false}));
  CHECK(f.provider("one").admin_override->reason == "two lines");
}

TEST_CASE("clients are told with their limits and what they use", "[scenario][manage]") {
  Managed f;
  ClientConfig ana;
  ana.name = "ana";
  ana.keys = {Secret("key-of-ana-0123456789")};
  ana.rpm_limit = 5;
  ana.models = {"claude-*"};
  f.config.server.auth.clients = {ana};
  f.config.server.auth.api_key = Secret("relay-key-0123456789");
  f.start();
  f.ask(request(false, "x-api-key: key-of-ana-0123456789\r\n"));
  f.ask(request(false, "x-api-key: relay-key-0123456789\r\n"));
  f.finished(2);
  const auto clients = f.manager().clients();
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].name == "ana");
  CHECK(clients[0].kind == management::ClientKind::configured);
  CHECK(clients[0].totals.requests == 1);
  CHECK(clients[0].allowed_models == std::vector<std::string>{"claude-*"});
  REQUIRE(clients[0].budgets.size() == 1);
  CHECK(clients[0].budgets[0].kind == management::BudgetKind::requests_per_minute);
  CHECK(clients[0].budgets[0].used == 1);
  CHECK(clients[0].budgets[0].limit == 5);
  CHECK(clients[0].last_seen_time);
  CHECK(clients[1].name == "default");
  CHECK(clients[1].kind == management::ClientKind::shared_secret);
  CHECK(f.manager().client("bob").refusal().code == Code::not_found);
}
