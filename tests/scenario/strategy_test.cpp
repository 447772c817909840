#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

std::string asking_for(const std::string& model) {
  return RelayFixture::post(R"({"model":")" + model +
                            R"(","max_tokens":8,"messages":[{"role":"user","content":"hi"}]})");
}

/// Names each of its candidates twice, the last one first, and one that there is not.
class Stubborn final : public Router {
 public:
  std::string_view name() const override { return "stubborn"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override {
    std::vector<std::size_t> order{99};
    for (std::size_t i = candidates.size(); i-- > 0;) order.insert(order.end(), {i, i});
    return order;
  }
};

/// Asks as they stand, and treats providers as equals.
class Spreading final : public Router {
 public:
  std::string_view name() const override { return "spreading"; }
  bool spreads() const override { return true; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < candidates.size(); ++i) order.push_back(i);
    return order;
  }
};

/// Begins with another one each time, and bears the name of a strategy.
class Turning final : public Router {
 public:
  std::string_view name() const override { return "round_robin"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      order.push_back((first_ + i) % candidates.size());
    }
    ++first_;
    return order;
  }

 private:
  std::size_t first_ = 0;
};

}  // namespace

TEST_CASE("model_based sends each model to its provider", "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = "model_based";
  f.config.routing.model_mapping = {{"claude", "one"}, {"claude-small", "two"}};
  f.config.routing.default_provider = "three";
  for (const char* name : {"one", "two", "three"}) f.add_provider(name);
  f.start();
  f.ask(asking_for("claude-large"));
  f.ask(asking_for("claude-small-1"));
  f.ask(asking_for("glm"));
  CHECK(tries(f.finished(3)) == "three:success");
  CHECK(tries(f.observer.requests[0]) == "one:success");
  CHECK(tries(f.observer.requests[1]) == "two:success");
}

TEST_CASE("model_based asks others when the mapped provider fails, if it may", "[scenario]") {
  // The older relay could not.
  const bool fallback = GENERATE(false, true);
  RelayFixture f;
  f.config.routing.strategy = "model_based";
  f.config.routing.model_mapping = {{"claude", "two"}};
  f.config.routing.model_fallback = fallback;
  f.add_provider("one");
  f.add_provider("two").enqueue(Script::error(500, "api_error", "down"));
  f.start();
  CHECK(f.ask(asking_for("claude-x")).status == (fallback ? 200 : 500));
  CHECK(tries(f.finished()) == (fallback ? "two:failed one:success" : "two:failed"));
}

TEST_CASE("a program's own router orders the providers, each once", "[scenario]") {
  RelayFixture f;
  f.options.router = std::make_shared<Stubborn>();
  f.config.routing.debug = true;
  f.add_provider("one");
  f.add_provider("two").enqueue(Script::error(500, "api_error", "down"));
  f.start();
  const Answer answer = f.ask(asking_for("claude-x"));
  CHECK(answer.headers.get("x-cc-relay-strategy") == "stubborn");
  CHECK(tries(f.finished()) == "two:failed one:success");
}

TEST_CASE("under a program's own router a conversation stays where it began, whatever the strategy",
          "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = GENERATE("failover", "model_based");
  f.config.routing.model_mapping = {{"claude", "two"}};
  f.options.router = std::make_shared<Turning>();
  f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].priority = 2;
  f.config.providers[1].priority = 1;
  f.start();
  for (std::size_t i = 1; i <= 3; ++i) {
    f.ask(request_of("s"));
    CHECK(tries(f.finished(i)) == "one:success");
  }
}

TEST_CASE("a priority of 0 that is written down is one: 1 comes before it", "[scenario]") {
  RelayFixture f;
  FakeProvider& zero = f.add_provider("zero");
  FakeProvider& two = f.add_provider("two");
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].priority = 0;
  f.config.providers[1].priority = 2;
  f.config.providers[2].priority = 1;
  two.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "two:failed one:success");
  CHECK(one.requests().size() == 1);
  CHECK(zero.requests().empty());
}

TEST_CASE("a provider without a priority has its first key's", "[scenario]") {
  RelayFixture f;
  FakeProvider& plain = f.add_provider("plain");
  FakeProvider& keyed = f.add_provider("keyed");
  f.config.providers[1].keys[0].priority = 2;
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(keyed.requests().size() == 1);
  CHECK(plain.requests().empty());
}

TEST_CASE("under a program's own router the strategy keeps nobody out whose breaker is open",
          "[scenario]") {
  RelayFixture f;
  f.config.routing.strategy = "model_based";
  f.config.routing.model_mapping = {{"claude", "one"}};
  f.config.routing.model_fallback = false;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  f.options.router = std::make_shared<Stubborn>();
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two").enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(asking_for("claude-x"));
  one.enqueue(Script::error(500, "api_error", "down"));
  f.ask(asking_for("claude-x"));
  CHECK(tries(f.finished(2)) == "one:failed two:success");
}

// A conversation that goes on, though the relay has never heard of it.
const std::string& going_on() {
  static const std::string request = RelayFixture::post(
      R"({"model":"claude-test","max_tokens":8,"messages":[{"role":"user","content":"hi"},)"
      R"({"role":"assistant","content":"so"},{"role":"user","content":"and?"}]})");
  return request;
}

TEST_CASE("a program's own router places what began elsewhere, whatever its name", "[scenario]") {
  RelayFixture f;
  f.config.routing.debug = true;
  f.options.router = std::make_shared<Turning>();
  f.add_provider("one");
  f.add_provider("two");
  f.start();
  CHECK(f.ask(going_on()).headers.get("x-cc-relay-affinity") == "new");
}

TEST_CASE("a program's own router may have it placed as any relay would", "[scenario]") {
  RelayFixture f;
  f.config.routing.debug = true;
  f.options.router = std::make_shared<Spreading>();
  f.add_provider("one");
  f.add_provider("two");
  f.start();
  CHECK(f.ask(going_on()).headers.get("x-cc-relay-affinity") == "rendezvous");
}
