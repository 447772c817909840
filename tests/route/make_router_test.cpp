#include "route/make_router.hpp"

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

constexpr std::array<std::string_view, 8> strategies{
    "failover",     "round_robin",       "weighted_round_robin", "shuffle",
    "least_loaded", "weighted_failover", "latency_based",        "model_based"};

std::unique_ptr<Router> made(std::string_view strategy) {
  RouterSettings settings;
  settings.strategy = strategy;
  settings.model_mapping = {{"claude", "c"}, {"glm", "elsewhere"}};
  settings.model_fallback = true;
  auto router = make_router(settings);
  if (!router) FAIL(router.error().message);
  return std::move(*router);
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
  }
  return candidates;
}

}  // namespace

TEST_CASE("every strategy has a router that bears its name (G46)", "[route]") {
  // The older relay called model_based "failover".
  for (const std::string_view strategy : strategies) CHECK(made(strategy)->name() == strategy);
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
  for (const std::string_view strategy : strategies) {
    const auto router = made(strategy);
    for (int round = 0; round < 2000; ++round) {
      INFO(strategy << ", seed " << seed << ", round " << round);
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
  for (const std::string_view strategy : strategies) {
    INFO(strategy);
    const auto router = made(strategy);
    for (std::uint64_t i = 0; i < 50; ++i) {
      CHECK(router->order(asking(i), {}).empty());
      CHECK(ordered(*router, named({"a"}), asking(i)) == "a");
    }
  }
}
