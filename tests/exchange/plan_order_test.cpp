#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exchange/scene.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using std::chrono::milliseconds;

namespace {

/// A program's own router, which answers as it is told.
class Own final : public Router {
 public:
  std::string_view name() const override { return "own"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override {
    given.clear();
    for (const RouteCandidate& candidate : candidates) given += std::string(candidate.provider);
    return answer;
  }
  bool spreads() const override { return spreading; }
  bool may_lead(const RouteRequest&, const RouteCandidate&, const RouteCandidate&) const override {
    return leading;
  }
  bool may_follow(const RouteRequest&, const RouteCandidate&) const override { return following; }

  std::vector<std::size_t> answer{0, 1, 2};
  bool spreading = false;
  bool leading = true;
  bool following = true;
  std::string given;
};

struct OwnScene : Scene {
  OwnScene() {
    options.router = router;
    add_all({"a", "b", "c"});
  }
  std::shared_ptr<Own> router = std::make_shared<Own>();
};

}  // namespace

// ---- the strategy's order

TEST_CASE("a plan asks as the strategy orders", "[exchange]") {
  struct Case {
    const char *strategy, *first, *second;
  };
  const Case cases[] = {{"failover", "a b c", "a b c"}, {"round_robin", "a b c", "b c a"}};
  for (const auto& [strategy, first, second] : cases) {
    INFO(strategy);
    Scene s;
    s.config.routing.strategy = strategy;
    s.add_all({"a", "b", "c"});
    s.start();
    CHECK(names(s.plan()) == first);
    CHECK(names(s.plan()) == second);
  }
}

TEST_CASE("a priority that is not written is the first key's, and one of 0 is a priority",
          "[exchange]") {
  struct Case {
    std::optional<int> own;  // of the provider listed behind one of priority 1
    int of_key;
    const char* order;
  };
  const Case cases[] = {{{}, 1, "one x"}, {{}, 2, "x one"}, {{}, 0, "one x"}, {0, 2, "one x"},
                        {1, 5, "one x"},  {2, 1, "x one"},  {1, 0, "one x"}};
  for (const auto& [own, of_key, order] : cases) {
    INFO((own ? std::to_string(*own) : "none") << " " << of_key);
    Scene s;
    s.add("one").priority = 1;
    ProviderConfig& x = s.add("x");
    x.priority = own;
    x.keys[0].priority = of_key;
    s.start();
    CHECK(names(s.plan()) == order);
  }
  Scene s;
  s.add("local", "ollama", false);
  s.add("one");
  s.start();
  CHECK(names(s.plan()) == "one local");
}

TEST_CASE("load and speed reach the strategy", "[exchange]") {
  SECTION("load") {
    Scene s;
    s.config.routing.strategy = "least_loaded";
    s.add_all({"a", "b", "c"});
    s.start();
    const auto busy = s.occupy("a"), busier = s.occupy("c"), busiest = s.occupy("c");
    CHECK(names(s.plan()) == "b a c");
  }
  SECTION("speed") {
    Scene s;
    s.config.routing.strategy = "latency_based";
    s.add_all({"a", "b", "c"});
    s.start();
    s.answers_in("a", milliseconds(900));
    s.answers_in("b", milliseconds(200));
    s.answers_in("c", milliseconds(400));
    CHECK(names(s.plan(1)) == "b c a");
  }
  SECTION("weight, for one request the same with the same random number") {
    Scene s;
    s.config.routing.strategy = "weighted_failover";
    s.add_all({"a", "b", "c"});
    s.config.providers[2].weight = 1000;
    s.start();
    int led = 0;
    for (std::uint64_t random = 0; random < 50; ++random) {
      const std::string order = names(s.plan(random));
      CHECK(names(s.plan(random)) == order);
      led += order[0] == 'c';
    }
    CHECK(led > 40);
  }
}

TEST_CASE("candidates know the model's name at their provider", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.config.providers[1].model_mapping["claude-*"] = "glm";
  s.request.view.model = "claude-x";
  s.start();
  const Plan plan = s.plan();
  CHECK(plan.candidates[0].model == "claude-x");
  CHECK(plan.candidates[1].model == "glm");
}

// ---- breakers

TEST_CASE("whoever its breaker shuts out comes last, and the strategy does not see it",
          "[exchange]") {
  OwnScene s;
  s.start();
  s.break_off("a");
  s.router->answer = {1, 0};
  const Plan plan = s.plan();
  CHECK(names(plan) == "c b a");
  CHECK(s.router->given == "bc");
  CHECK(plan.candidates[2].shut);
  CHECK_FALSE(plan.candidates[0].shut);
}

TEST_CASE("when breakers shut all out they are asked as they stand", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.break_off("a");
  s.break_off("b");
  CHECK(told(s.plan()) == "new: a b");
}

TEST_CASE("a breaker that is half open shuts nobody out", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.break_off("a");
  s.now += s.config.health.open_duration;
  CHECK(names(s.plan()) == "a b");
}

TEST_CASE("whoever may not follow is left out while its breaker is open", "[exchange]") {
  OwnScene s;
  s.start();
  s.break_off("b");
  s.router->answer = {0, 1};
  CHECK(names(s.plan()) == "a c b");
  s.router->following = false;
  CHECK(names(s.plan()) == "a c");
}

// ---- a program's own router

TEST_CASE("what a router names twice or what there is not is passed over", "[exchange]") {
  OwnScene s;
  s.start();
  s.router->answer = {9, 2, 2, 0, 2};
  CHECK(names(s.plan()) == "c a");
}

TEST_CASE("when a router names nobody the answer says what routes", "[exchange]") {
  OwnScene s;
  s.start();
  s.router->answer = {};
  const Plan plan = s.plan();
  CHECK(plan.candidates.empty());
  CHECK(plan.status == 404);
  CHECK(plan.reason ==
        "model: routing sends \"m\" to a provider that can't take it, and to no other "
        "(routing.model_mapping, routing.model_fallback)");
}

TEST_CASE("routing.strategy is nothing to a program's own router", "[exchange]") {
  // "failover" would keep a home of a lower priority from the front, and so would a mapped model.
  const std::string strategy = GENERATE("failover", "model_based", "round_robin");
  INFO(strategy);
  OwnScene s;
  s.config.routing.strategy = strategy;
  s.config.routing.model_mapping = {{"m", "a"}};
  s.config.providers[0].priority = 5;
  s.lives_at("c");
  s.start();
  CHECK(told(s.plan()) == "home: c a b");
  s.break_off("b");
  s.router->answer = {0, 1};
  CHECK(told(s.plan()) == "home: c a b");
}

TEST_CASE("a router is asked whether a home may lead", "[exchange]") {
  OwnScene s;
  s.lives_at("c");
  s.start();
  s.router->leading = false;
  CHECK(told(s.plan()) == "away: a b c");
}

TEST_CASE("a router that spreads has what began elsewhere placed as any relay would",
          "[exchange]") {
  OwnScene s;
  s.goes_on();
  s.start();
  CHECK(told(s.plan()) == "new: a b c");
  s.router->spreading = true;
  s.router->given.clear();
  CHECK(s.plan().affinity == "rendezvous");
  CHECK(s.router->given.empty());
}

// ---- homes

TEST_CASE("a conversation goes on where it began, and the others follow", "[exchange]") {
  Scene s;
  s.add_all({"a", "b", "c"});
  s.lives_at("b");
  s.start();
  const Plan plan = s.plan();
  CHECK(told(plan) == "home: b a c");
  CHECK(plan.follows);
}

TEST_CASE("under failover no home goes before a higher priority", "[exchange]") {
  struct Case {
    int priority_of_home;
    const char* told;
  };
  const Case cases[] = {
      {1, "away: a b c"}, {2, "home: c a b"}, {0, "away: a b c"}, {3, "home: c a b"}};
  for (const auto& [priority, expected] : cases) {
    INFO(priority);
    Scene s;
    s.add("a").priority = 2;
    s.add("b").priority = 2;
    s.add("c").priority = priority;
    s.lives_at("c");
    s.start();
    CHECK(told(s.plan()) == expected);
  }
}

TEST_CASE("when those above it are shut out a home of lower priority leads", "[exchange]") {
  Scene s;
  s.add("a").priority = 2;
  s.add("b");
  s.add("c");
  s.lives_at("c");
  s.start();
  s.break_off("a");
  CHECK(told(s.plan()) == "home: c b a");
}

TEST_CASE("a home that its breaker shuts out does not lead", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.lives_at("b");
  s.start();
  s.break_off("b");
  CHECK(told(s.plan()) == "away: a b");
}

TEST_CASE("a home that can't take the request is away", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.config.providers[1].models = {"other"};
  s.lives_at("b");
  s.start();
  CHECK(told(s.plan()) == "away: a");
}

TEST_CASE("a conversation that begins has no home, whoever began like it", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.lives_at("b");
  s.request.begins = true;
  s.start();
  const Plan plan = s.plan();
  CHECK(told(plan) == "new: a b");
  CHECK_FALSE(plan.home);
  CHECK_FALSE(plan.follows);
}

TEST_CASE("a mapped model goes where it is mapped, wherever its conversation lives", "[exchange]") {
  Scene s;
  s.config.routing.strategy = "model_based";
  s.config.routing.model_mapping = {{"claude", "a"}};
  s.config.routing.model_fallback = true;
  s.add_all({"a", "b"});
  s.lives_at("b");
  s.request.view.model = "claude-x";
  s.start();
  CHECK(told(s.plan()) == "away: a b");
  s.request.view.model = "glm";
  CHECK(told(s.plan()) == "home: b a");
}

TEST_CASE("without fallback only the mapped provider is asked, also when it is shut out",
          "[exchange]") {
  Scene s;
  s.config.routing.strategy = "model_based";
  s.config.routing.model_mapping = {{"claude", "b"}};
  s.add_all({"a", "b", "c"});
  s.request.view.model = "claude-x";
  s.start();
  CHECK(names(s.plan()) == "b");
  s.break_off("a");
  s.break_off("b");
  CHECK(names(s.plan()) == "b");
}

// ---- what began elsewhere

TEST_CASE("a conversation without a known home has an order of its own", "[exchange]") {
  Scene s;
  s.config.routing.strategy = "round_robin";
  s.add_all({"a", "b", "c"});
  s.start();
  std::set<std::string> orders;
  for (std::uint64_t conversation = 0; conversation < 60; ++conversation) {
    s.goes_on(conversation);
    const Plan plan = s.plan();
    CHECK(plan.affinity == "rendezvous");
    CHECK(names(s.plan(99)) == names(plan));
    orders.insert(names(plan));
  }
  CHECK(orders.size() == 6);
}

TEST_CASE("a conversation that begins is placed by the strategy", "[exchange]") {
  Scene s;
  s.config.routing.strategy = "round_robin";
  s.add_all({"a", "b"});
  s.request.conversation = 7;
  s.request.begins = GENERATE(true, false);
  s.request.view.answered = s.request.begins;
  s.start();
  CHECK(told(s.plan()) == "new: a b");
  CHECK(told(s.plan()) == "new: b a");
}

TEST_CASE("what is placed by conversation takes no turn from the strategy", "[exchange]") {
  Scene s;
  s.config.routing.strategy = "round_robin";
  s.add_all({"a", "b"});
  s.start();
  CHECK(names(s.plan()) == "a b");
  s.goes_on();
  for (int i = 0; i < 3; ++i) s.plan();
  s.request.conversation.reset();
  s.request.view.answered = false;
  CHECK(names(s.plan()) == "b a");
}

TEST_CASE("behind a home the others stand as the conversation has them", "[exchange]") {
  Scene s;
  s.config.routing.strategy = "round_robin";
  s.add_all({"a", "b", "c"});
  s.goes_on();
  s.start();
  std::string order = names(s.plan());
  s.lives_at("b");
  CHECK(names(s.plan())[0] == 'b');
  const auto without_b = [](std::string text) {
    text.erase(std::remove(text.begin(), text.end(), 'b'), text.end());
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
  };
  CHECK(without_b(names(s.plan())) == without_b(order));
}

TEST_CASE("under a strategy with an order of its own what began elsewhere is placed by it",
          "[exchange]") {
  Scene s;
  s.config.routing.strategy = "failover";
  s.add_all({"a", "b", "c"});
  s.goes_on();
  s.start();
  const Plan plan = s.plan();
  CHECK(told(plan) == "new: a b c");
  CHECK(plan.follows);
}

// ---- other endpoints

TEST_CASE("what is not a message goes to the first provider alone", "[exchange]") {
  Scene s;
  s.config.routing.strategy = "round_robin";
  s.add("glm", "zai");
  s.add_all({"a", "b"});
  s.request.operation = Operation::other;
  s.lives_at("b");
  s.start();
  for (int i = 0; i < 2; ++i) CHECK(told(s.plan()) == "new: a");
}
