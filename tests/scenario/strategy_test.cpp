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
  // G46: the older relay could not.
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
