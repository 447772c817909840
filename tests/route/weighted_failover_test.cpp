#include <map>
#include <string>

#include "base/rng.hpp"
#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

namespace {

constexpr int rounds = 24'000;

/// How often each order was drawn.
std::map<std::string, int> draws(const std::vector<RouteCandidate>& candidates,
                                 std::uint64_t seed) {
  const auto router = made("weighted_failover");
  base::Rng rng(seed);
  std::map<std::string, int> count;
  for (int i = 0; i < rounds; ++i) ++count[ordered(*router, candidates, asking(rng.next()))];
  return count;
}

/// Within four standard deviations of a binomial distribution, at most 4 * sqrt(rounds) / 2.
void check_share(int times, double share) {
  CHECK(times > rounds * share - 310);
  CHECK(times < rounds * share + 310);
}

}  // namespace

TEST_CASE("an order is drawn by weight without replacement", "[route]") {
  auto candidates = named({"a", "b", "c"});
  candidates[1].weight = 2;
  candidates[2].weight = 5;
  const auto count = draws(candidates, 67);
  CHECK(count.size() == 6);
  // The first by its part of all 8, the second by its part of what is left.
  const std::map<std::string, double> expected{{"abc", 1 / 8. * 2 / 7}, {"acb", 1 / 8. * 5 / 7},
                                               {"bac", 2 / 8. * 1 / 6}, {"bca", 2 / 8. * 5 / 6},
                                               {"cab", 5 / 8. * 1 / 3}, {"cba", 5 / 8. * 2 / 3}};
  for (const auto& [order, share] : expected) {
    INFO(order);
    check_share(count.at(order), share);
  }
}

TEST_CASE("priority and load do not change the draw", "[route]") {
  auto candidates = named({"a", "b"});
  candidates[0].priority = 9;
  candidates[0].in_flight = 9;
  const auto count = draws(candidates, 71);
  check_share(count.at("ab"), 0.5);
}

TEST_CASE("a weight below 1 is drawn like a weight of 1", "[route]") {
  auto candidates = named({"a", "b", "c"});
  candidates[0].weight = 0;
  candidates[1].weight = -4;
  const auto count = draws(candidates, 73);
  CHECK(count.size() == 6);
  for (const auto& [order, times] : count) {
    INFO(order);
    check_share(times, 1 / 6.);
  }
}

TEST_CASE("the largest weights there are can be drawn by", "[route]") {
  auto candidates = named({"a", "b", "c"});
  candidates[0].weight = candidates[1].weight = 2'147'483'647;
  const auto count = draws(candidates, 79);
  check_share(count.at("abc"), 0.5);
  check_share(count.at("bac"), 0.5);
}

TEST_CASE("the same random number draws the same order", "[route]") {
  const auto one = made("weighted_failover"), other = made("weighted_failover");
  const auto candidates = named({"a", "b", "c", "d"});
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::string order = ordered(*one, candidates, asking(i));
    CHECK(ordered(*one, candidates, asking(i)) == order);
    CHECK(ordered(*other, candidates, asking(i)) == order);
  }
}
