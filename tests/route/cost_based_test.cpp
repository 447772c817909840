#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

namespace {

using Costs = std::vector<std::optional<std::int64_t>>;

/// a, b, c, … with these expected costs.
std::vector<RouteCandidate> costing(const Costs& costs) {
  auto candidates = named({"a", "b", "c", "d", "e"});
  candidates.resize(costs.size());
  for (std::size_t i = 0; i < costs.size(); ++i) candidates[i].expected_nano_usd = costs[i];
  return candidates;
}

std::string ordered_by_cost(const std::vector<RouteCandidate>& candidates) {
  return ordered(*made("cost_based"), candidates);
}

constexpr std::nullopt_t unknown = std::nullopt;

}  // namespace

TEST_CASE("the cheapest is asked first, then the next cheapest", "[route]") {
  CHECK(ordered_by_cost(costing({300, 100, 200})) == "bca");
  auto candidates = costing({300, 100, 200});
  candidates[0].priority = 9;
  CHECK(ordered_by_cost(candidates) == "bca");
}

TEST_CASE("what costs at most a tenth more than the cheapest counts as equal", "[route]") {
  // Of equals the priority decides, then the order of the configuration.
  CHECK(ordered_by_cost(costing({110, 100, 105})) == "abc");
  CHECK(ordered_by_cost(costing({111, 100, 105})) == "bca");
  auto candidates = costing({110, 100, 105});
  candidates[2].priority = 1;
  CHECK(ordered_by_cost(candidates) == "cab");
}

TEST_CASE("the tenth is of the cheapest, not of the one before", "[route]") {
  auto candidates = costing({100, 109, 118, 127});
  for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i].priority = static_cast<int>(i);
  CHECK(ordered_by_cost(candidates) == "bacd");
}

TEST_CASE("a home within a tenth of the cheapest is asked first, whatever its priority",
          "[route]") {
  auto candidates = costing({100, 110, 105});
  candidates[0].priority = 5;
  candidates[1].is_home = true;
  CHECK(ordered_by_cost(candidates) == "bac");
  candidates[1].expected_nano_usd = 111;
  CHECK(ordered_by_cost(candidates) == "acb");
}

TEST_CASE("a home that is dearer than that does not lead afterwards", "[route]") {
  const auto router = made("cost_based");
  // Priority leads with one that is itself dearer than the cheapest: from there a tenth is further.
  auto candidates = costing({100, 109, 119});
  candidates[1].priority = 5;
  candidates[2].is_home = true;
  CHECK(ordered(*router, candidates) == "bac");
  CHECK_FALSE(router->may_lead(asking(0), candidates[2], candidates[1]));
  candidates[2].expected_nano_usd = 110;
  CHECK(ordered(*router, candidates) == "cba");
  CHECK(router->may_lead(asking(0), candidates[2], candidates[2]));
}

TEST_CASE("0 is a price, and nothing is within a tenth of it", "[route]") {
  auto candidates = costing({1, 0, unknown, 0});
  candidates[0].is_home = true;
  CHECK(ordered_by_cost(candidates) == "bdac");
}

TEST_CASE("whoever's price is not known comes last, as in failover", "[route]") {
  auto candidates = costing({unknown, 500, unknown, 400, unknown});
  candidates[2].priority = 3;
  CHECK(ordered_by_cost(candidates) == "dbcae");
  candidates[4].is_home = true;
  CHECK(ordered_by_cost(candidates) == "dbcea");
  // No price at all is failover.
  candidates = costing({unknown, unknown, unknown});
  candidates[1].priority = 1;
  CHECK(ordered_by_cost(candidates) == "bac");
  candidates[2].is_home = true;
  CHECK(ordered_by_cost(candidates) == "bca");
  candidates[2].priority = 1;
  CHECK(ordered_by_cost(candidates) == "cba");
}

TEST_CASE("equal costs beyond the tenth go by priority, then as listed", "[route]") {
  auto candidates = costing({100, 200, 200, 200});
  candidates[3].priority = 1;
  CHECK(ordered_by_cost(candidates) == "adbc");
}

TEST_CASE("the largest costs there are can be compared", "[route]") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK(ordered_by_cost(costing({most, most - 1, 1})) == "cba");
  CHECK(ordered_by_cost(costing({most, most - 1})) == "ab");
}

TEST_CASE("of all strategies this one weighs costs", "[route]") {
  for (const Strategy& strategy : strategies()) {
    INFO(strategy.name);
    CHECK(made(strategy.name)->weighs_costs() == (strategy.name == "cost_based"));
  }
}
