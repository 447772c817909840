#include <algorithm>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

namespace {

std::vector<RouteCandidate> weighing(const std::vector<int>& weights) {
  auto candidates = named({"a", "b", "c", "d", "e"});
  candidates.resize(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) candidates[i].weight = weights[i];
  return candidates;
}

}  // namespace

TEST_CASE("weights 3 and 1 take turns A A B A", "[route]") {
  const auto router = made("weighted_round_robin");
  CHECK(turns(*router, weighing({3, 1}), 8) == "aabaaaba");
}

TEST_CASE("weights 5, 1 and 1 are dealt smoothly", "[route]") {
  // The example of nginx's documentation of the algorithm.
  const auto router = made("weighted_round_robin");
  CHECK(turns(*router, weighing({5, 1, 1}), 14) == "aabacaaaabacaa");
}

TEST_CASE("the others follow the one whose turn it is by priority", "[route]") {
  const auto router = made("weighted_round_robin");
  auto candidates = weighing({1, 1, 1});
  candidates[2].priority = 1;
  CHECK(ordered(*router, candidates) == "acb");
  CHECK(ordered(*router, candidates) == "bca");
  CHECK(ordered(*router, candidates) == "cab");
}

TEST_CASE("a weight below 1 counts as 1", "[route]") {
  const auto router = made("weighted_round_robin");
  CHECK(turns(*router, weighing({0, -7, 2}), 8) == "cabccabc");
}

TEST_CASE("models with different providers take turns among theirs", "[route]") {
  // One model can be had of a and b, another of b and c. When the turns began anew with each change
  // of the candidates, a and b had all of them and c none.
  const auto router = made("weighted_round_robin");
  const auto one = named({"a", "b"}), other = named({"b", "c"});
  std::string dealt;
  for (int i = 0; i < 4; ++i) dealt += turns(*router, one, 1) + turns(*router, other, 1);
  CHECK(dealt == "abbcabbc");
}

TEST_CASE("whoever is away for a while owes and has as much as before", "[route]") {
  const auto router = made("weighted_round_robin");
  CHECK(turns(*router, weighing({3, 1}), 2) == "aa");
  SECTION("beside somebody new") {
    CHECK(turns(*router, weighing({3, 1, 1}), 5) == "bacaa");
  }
  SECTION("replaced by another one") {
    auto others = weighing({3, 1});
    others[1].provider = "z";
    CHECK(turns(*router, others, 3) == "aza");
    CHECK(turns(*router, weighing({3, 1}), 1) == "b");
  }
  SECTION("in another order") {
    auto others = weighing({1, 3});
    std::swap(others[0].provider, others[1].provider);
    CHECK(turns(*router, others, 2) == "ba");
  }
  SECTION("when nobody is left") {
    CHECK(ordered(*router, {}) == "");
    CHECK(turns(*router, weighing({3, 1}), 2) == "ba");
  }
}

TEST_CASE("a change of weights leaves no debts of the old ones", "[route]") {
  // A router outlives a reload: with the debts of the old weights b would have 400 turns in a row.
  const auto router = made("weighted_round_robin");
  CHECK(turns(*router, weighing({1000, 1}), 400) == std::string(400, 'a'));
  CHECK(turns(*router, weighing({1, 1}), 6) == "ababab");
}

TEST_CASE("in every round each has as many turns as its weight", "[route]") {
  constexpr std::uint64_t seed = 37;
  base::Rng rng(seed);
  for (int round = 0; round < 500; ++round) {
    INFO("seed " << seed << ", round " << round);
    std::vector<int> weights;
    int sum = 0;
    for (std::uint64_t n = 1 + rng.below(5); n > 0; --n) {
      weights.push_back(1 + static_cast<int>(rng.below(9)));
      sum += weights.back();
    }
    const auto router = made("weighted_round_robin");
    for (int cycle = 0; cycle < 2; ++cycle) {
      const std::string dealt = turns(*router, weighing(weights), sum);
      for (std::size_t i = 0; i < weights.size(); ++i) {
        REQUIRE(std::count(dealt.begin(), dealt.end(), static_cast<char>('a' + i)) == weights[i]);
      }
    }
  }
}
