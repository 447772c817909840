#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "base/rng.hpp"
#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

namespace {

/// With settings that every one of them can do something with.
std::unique_ptr<Router> usual(const Strategy& strategy) {
  return made(strategy.name, {"", {{"claude", "c"}, {"glm", "elsewhere"}}, "", true});
}

/// Up to six of eight providers with random figures, in random order.
std::vector<RouteCandidate> some(base::Rng& rng) {
  auto candidates = named({"a", "b", "c", "d", "e", "f", "g", "h"});
  for (std::size_t i = candidates.size(); i > 1; --i) {
    std::swap(candidates[i - 1], candidates[rng.below(i)]);
  }
  candidates.resize(rng.below(7));
  for (RouteCandidate& candidate : candidates) {
    candidate.weight = static_cast<int>(rng.below(8)) - 2;
    candidate.priority = static_cast<int>(rng.below(5)) - 2;
    candidate.in_flight = static_cast<unsigned>(rng.below(3));
    if (rng.below(3) != 0) candidate.first_byte = std::chrono::milliseconds(rng.below(4));
    if (rng.below(3) != 0) {
      candidate.expected_nano_usd = static_cast<std::int64_t>(95 + rng.below(30));
    }
    candidate.is_home = rng.below(6) == 0;
  }
  return candidates;
}

}  // namespace

TEST_CASE("every strategy has a router that bears its name", "[route]") {
  // The older relay called model_based "failover".
  for (const Strategy& strategy : strategies()) CHECK(usual(strategy)->name() == strategy.name);
}

TEST_CASE("every strategy is said in a few words, and found by its name", "[route]") {
  for (const Strategy& strategy : strategies()) {
    INFO(strategy.name);
    CHECK_FALSE(strategy.about.empty());
    CHECK(find_strategy(strategy.name) == &strategy);
  }
  CHECK(find_strategy("cheapest") == nullptr);
}

// What conversations do under each of them: README.md and docs/configuration.md promise it.
TEST_CASE("strategies that treat providers as equals spread conversations over them", "[route]") {
  std::string spreading;
  for (const Strategy& strategy : strategies()) {
    if (usual(strategy)->spreads()) spreading += std::string(strategy.name) + ' ';
  }
  CHECK(spreading ==
        "round_robin weighted_round_robin shuffle least_loaded weighted_failover latency_based ");
}

TEST_CASE("where conversations are spread any provider may be a home, and may follow", "[route]") {
  auto candidates = named({"a", "b"});
  candidates[0].priority = 7;
  for (const Strategy& strategy : strategies()) {
    const auto router = usual(strategy);
    if (!router->spreads()) continue;
    INFO(strategy.name);
    CHECK(router->may_lead(asking(0, "claude"), candidates[1], candidates[0]));
    CHECK(router->may_follow(asking(0, "claude"), candidates[1]));
  }
}

TEST_CASE("the strategy is failover unless another one is asked for", "[route]") {
  CHECK((*make_router({}))->name() == "failover");
}

TEST_CASE("a strategy that is not known is refused", "[route]") {
  const auto router = make_router({"round-robin", {}, {}, false});
  REQUIRE_FALSE(router);
  CHECK(router.error().code == ErrorCode::config);
  CHECK(router.error().message == "routing.strategy \"round-robin\" is not known");
  CHECK_FALSE(make_router({"", {}, {}, false}));
  CHECK_FALSE(make_router({"Failover", {}, {}, false}));
}

TEST_CASE("the mapping of models reaches the router", "[route]") {
  const auto candidates = named({"a", "b"});
  const RouterSettings settings{"model_based", {{"glm", "b"}}, "a", false};
  const auto router = make_router(settings);
  REQUIRE(router);
  CHECK(ordered(**router, candidates, asking(0, "glm-5")) == "b");
  CHECK(ordered(**router, candidates, asking(0, "qwen3")) == "a");
}

TEST_CASE("an order names each candidate once, however candidates come and go", "[route]") {
  constexpr std::uint64_t seed = 89;
  base::Rng rng(seed);
  for (const Strategy& strategy : strategies()) {
    const auto router = usual(strategy);
    for (int round = 0; round < 2000; ++round) {
      INFO(strategy.name << ", seed " << seed << ", round " << round);
      const auto candidates = some(rng);
      const std::string_view model = std::array{"claude-opus-5", "glm-5", "m"}[rng.below(3)];
      for (std::uint64_t times = 1 + rng.below(4); times > 0; --times) {
        auto order = router->order(asking(rng.next(), model), candidates);
        std::sort(order.begin(), order.end());
        std::vector<std::size_t> all(candidates.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        REQUIRE(order == all);
      }
    }
  }
}

TEST_CASE("nobody and one alone can be put in order", "[route]") {
  for (const Strategy& strategy : strategies()) {
    INFO(strategy.name);
    const auto router = usual(strategy);
    for (std::uint64_t i = 0; i < 50; ++i) {
      CHECK(router->order(asking(i), {}).empty());
      CHECK(ordered(*router, named({"a"}), asking(i)) == "a");
    }
  }
}
