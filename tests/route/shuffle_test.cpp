#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/rng.hpp"
#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

namespace {

/// The first ones of so many requests, each with a random number of its own.
std::string deal(Router& router, const std::vector<RouteCandidate>& candidates, base::Rng& rng,
                 std::size_t times) {
  std::string dealt;
  for (std::size_t i = 0; i < times; ++i) {
    dealt += ordered(router, candidates, asking(rng.next())).at(0);
  }
  return dealt;
}

std::string sorted(std::string text) {
  std::sort(text.begin(), text.end());
  return text;
}

}  // namespace

TEST_CASE("each is dealt once before anybody is dealt again", "[route]") {
  const auto router = made("shuffle");
  base::Rng rng(41);
  std::map<char, int> count;
  std::set<std::string> decks;
  for (int deck = 0; deck < 1000; ++deck) {
    const std::string dealt = deal(*router, named({"a", "b", "c", "d", "e"}), rng, 5);
    REQUIRE(sorted(dealt) == "abcde");
    decks.insert(dealt);
    ++count[dealt[0]];
  }
  CHECK(decks.size() == 120);  // all there are
  for (const auto& [name, times] : count) {
    INFO(name << " was dealt first " << times << " times");
    CHECK(times > 200 - 50);  // four standard deviations
    CHECK(times < 200 + 50);
  }
}

TEST_CASE("every deck is as likely as another", "[route]") {
  constexpr int rounds = 12'000;
  const auto router = made("shuffle");
  base::Rng rng(43);
  std::map<std::string, int> count;
  for (int i = 0; i < rounds; ++i) ++count[deal(*router, named({"a", "b", "c"}), rng, 3)];
  CHECK(count.size() == 6);
  for (const auto& [deck, times] : count) {
    INFO(deck << ": " << times);
    CHECK(times > rounds / 6 - 165);  // four standard deviations
    CHECK(times < rounds / 6 + 165);
  }
}

TEST_CASE("whoever is away for a while keeps its card", "[route]") {
  // A model that fewer providers have comes between: the deck is not shuffled anew for it.
  base::Rng rng(47);
  for (int round = 0; round < 50; ++round) {
    const auto router = made("shuffle");
    std::string dealt = deal(*router, named({"a", "b", "c"}), rng, 1);
    dealt += deal(*router, named({dealt == "a" ? "b" : "a"}), rng, 1);
    dealt += deal(*router, named({"a", "b", "c"}), rng, 1);
    CHECK(sorted(dealt) == "abc");
  }
}

TEST_CASE("whoever comes new is dealt before anybody is dealt again", "[route]") {
  base::Rng rng(48);
  for (int round = 0; round < 50; ++round) {
    const auto router = made("shuffle");
    CHECK(sorted(deal(*router, named({"a", "b", "c"}), rng, 3)) == "abc");
    CHECK(sorted(deal(*router, named({"a", "b", "x", "y"}), rng, 2)) == "xy");
    CHECK(sorted(deal(*router, named({"a", "b", "x", "y"}), rng, 4)) == "abxy");
  }
}

TEST_CASE("the others follow the dealt one by priority", "[route]") {
  const auto router = made("shuffle");
  auto candidates = named({"a", "b", "c"});
  candidates[2].priority = 1;
  base::Rng rng(53);
  std::set<std::string> orders;
  for (int i = 0; i < 60; ++i) orders.insert(ordered(*router, candidates, asking(rng.next())));
  CHECK(orders == std::set<std::string>{"acb", "bca", "cab"});
}

TEST_CASE("the same random numbers deal the same decks", "[route]") {
  const auto one = made("shuffle"), other = made("shuffle");
  base::Rng rng(59), again(59);
  const auto candidates = named({"a", "b", "c", "d"});
  CHECK(deal(*one, candidates, rng, 40) == deal(*other, candidates, again, 40));
}
