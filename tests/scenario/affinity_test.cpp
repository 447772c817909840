#include <map>
#include <set>
#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;

namespace {

std::string last_key(const FakeProvider& provider) {
  return std::string(provider.requests().back().head.headers.get("x-api-key").value_or(""));
}

void add_keys(RelayFixture& f, std::size_t provider, int count) {
  for (int i = 1; i < count; ++i) {
    f.config.providers[provider].keys.push_back({Secret("sk-more-" + std::to_string(i)), 1, 1});
  }
}

// A conversation that has begun somewhere, in which only the texts identify it.
std::string nameless(const std::string& system, const std::string& first, int turns) {
  std::string body = R"({"model":"claude-test","max_tokens":8,"system":")" + system +
                     R"(","messages":[{"role":"user","content":")" + first + R"("})";
  for (int i = 0; i < turns; ++i) {
    body += R"(,{"role":"assistant","content":"so"},{"role":"user","content":"and?"})";
  }
  return RelayFixture::post(body + "]}");
}

}  // namespace

TEST_CASE("a conversation stays with the key it began with, new ones are spread", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_keys(f, 0, 4);
  f.start();
  std::map<std::string, std::string> home;
  std::set<std::string> used;
  for (int c = 0; c < 8; ++c) {
    const std::string session = "session-" + std::to_string(c);
    f.ask(request_of(session));
    home[session] = last_key(one);
    used.insert(home[session]);
  }
  CHECK(used.size() == 4);  // not always the first
  for (int turn = 0; turn < 3; ++turn) {
    for (const auto& [session, key] : home) {
      f.ask(request_of(session, true));
      CHECK(last_key(one) == key);
    }
  }
}

TEST_CASE("without affinity a conversation is spread like anything else", "[scenario]") {
  RelayFixture f;
  f.config.routing.affinity = "none";
  FakeProvider& one = f.add_provider("one");
  add_keys(f, 0, 2);
  f.config.providers[0].pool_strategy = PoolStrategy::round_robin;
  f.start();
  std::set<std::string> used;
  for (int i = 0; i < 2; ++i) {
    f.ask(request_of("the-same"));
    used.insert(last_key(one));
  }
  CHECK(used.size() == 2);
}

TEST_CASE("a conversation leaves its key while it is limited and comes back", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_keys(f, 0, 3);
  f.start();
  f.ask(request_of("s"));
  const std::string home = last_key(one);
  one.enqueue(Script::error(429, "rate_limit_error", "slow", {{"retry-after", "20"}}));
  f.ask(request_of("s"));
  const std::string refuge = last_key(one);
  CHECK(refuge != home);
  f.ask(request_of("s"));
  CHECK(last_key(one) == refuge);  // always the same second choice
  f.harness.advance(seconds(21));
  f.ask(request_of("s"));
  CHECK(last_key(one) == home);
}

TEST_CASE("a conversation stays with its provider whatever the strategy", "[scenario]") {
  const std::string strategy = GENERATE("round_robin", "weighted_round_robin", "shuffle",
                                        "least_loaded", "weighted_failover", "latency_based");
  INFO(strategy);
  RelayFixture f;
  f.config.routing.strategy = strategy;
  for (const char* name : {"one", "two", "three"}) f.add_provider(name);
  f.start();
  std::map<std::string, std::string> home;
  std::set<std::string> used;
  for (int c = 0; c < 12; ++c) {
    const std::string session = "session-" + std::to_string(c);
    f.ask(request_of(session));
    home[session] = f.finished(static_cast<std::size_t>(c) + 1).attempts.back().provider;
    used.insert(home[session]);
  }
  if (strategy != "latency_based") CHECK(used.size() == 3);
  std::size_t count = 12;
  for (int turn = 0; turn < 2; ++turn) {
    for (const auto& [session, provider] : home) {
      f.ask(request_of(session));
      CHECK(tries(f.finished(++count)) == provider + ":success");
    }
  }
}

TEST_CASE("a subagent with another model goes where its session is", "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = "round_robin";
  for (const char* name : {"one", "two", "three"}) f.add_provider(name);
  f.start();
  f.ask(request_of("s"));
  const std::string home = f.finished().attempts.back().provider;
  const std::string body =
      R"({"model":"claude-small","max_tokens":8,"messages":[{"role":"user","content":"sub"}]})";
  for (std::size_t i = 2; i < 6; ++i) {
    f.ask(RelayFixture::post(body, "X-Claude-Code-Session-Id: s\r\n"));
    CHECK(tries(f.finished(i)) == home + ":success");
  }
}

TEST_CASE("a conversation without a name is known by how it began", "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = "round_robin";
  for (const char* name : {"one", "two", "three"}) f.add_provider(name);
  f.start();
  f.ask(nameless("you are", "hello", 0));
  const std::string home = f.finished().attempts.back().provider;
  f.ask(nameless("you are", "something else", 0));
  f.ask(nameless("you are", "hello", 1));
  CHECK(tries(f.finished(3)) == home + ":success");
  f.ask(nameless("you are", "hello", 2));
  CHECK(tries(f.finished(4)) == home + ":success");
}

TEST_CASE("a relay that knows nothing of a conversation that has begun chooses as any other would",
          "[scenario]") {
  std::set<std::string> chosen;
  for (int i = 0; i < 3; ++i) {
    RelayFixture f;
    f.options.random_seed = static_cast<std::uint64_t>(i) + 1;
    f.config.routing.strategy = "shuffle";
    for (const char* name : {"one", "two", "three", "four"}) f.add_provider(name);
    f.start();
    f.ask(nameless("you are", "hello", 3));
    chosen.insert(f.finished().attempts.back().provider);
  }
  CHECK(chosen.size() == 1);
}

TEST_CASE("failover comes back to the first provider whatever a conversation did meanwhile",
          "[scenario]") {
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].priority = 2;
  f.config.providers[1].priority = 1;
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request_of("s"));
  CHECK(tries(f.finished(1)) == "one:failed two:success");
  f.ask(request_of("s"));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(seconds(30));
  f.ask(request_of("s"));
  CHECK(tries(f.finished(3)) == "one:success");
}

TEST_CASE("sessions of two requests are spread like any others", "[scenario]") {
  // Only what is placed anew takes a turn: else every second one would be lost on a follower.
  const std::string strategy = GENERATE("round_robin", "weighted_round_robin", "least_loaded");
  INFO(strategy);
  RelayFixture f;
  f.config.routing.strategy = strategy;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.start();
  for (int c = 0; c < 10; ++c) {
    const std::string session = "session-" + std::to_string(c);
    f.ask(request_of(session));
    f.ask(request_of(session));
  }
  CHECK(one.requests().size() == 10);
  CHECK(two.requests().size() == 10);
}

TEST_CASE("a conversation away from its home stays at one place until it can go back",
          "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = "round_robin";
  f.config.routing.debug = true;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  for (const char* name : {"one", "two", "three"}) f.add_provider(name);
  f.start();
  f.ask(request_of("s"));
  const std::string home = f.finished().attempts.back().provider;
  for (std::size_t i = 0; i < 3; ++i) {
    if (f.config.providers[i].name == home) {
      f.providers[i]->enqueue(Script::error(500, "api_error", "down"));
    }
  }
  f.ask(request_of("s"));
  const std::string refuge = f.finished(2).attempts.back().provider;
  CHECK(refuge != home);
  for (std::size_t i = 3; i < 8; ++i) {
    CHECK(f.ask(request_of("s")).headers.get("x-cc-relay-affinity") == "away");
    CHECK(tries(f.finished(i)) == refuge + ":success");
  }
  f.harness.advance(seconds(30));
  CHECK(f.ask(request_of("s")).headers.get("x-cc-relay-affinity") == "home");
  CHECK(tries(f.finished(8)) == home + ":success");
}

TEST_CASE("of a conversation that is not remembered the headers say how it was placed",
          "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = "round_robin";
  f.config.routing.debug = true;
  for (const char* name : {"one", "two"}) f.add_provider(name);
  f.start();
  CHECK(f.ask(nameless("you are", "hello", 2)).headers.get("x-cc-relay-affinity") == "rendezvous");
}
