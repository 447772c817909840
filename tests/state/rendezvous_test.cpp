#include "state/rendezvous.hpp"

#include <string>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay;
using state::rendezvous_score;

namespace {

struct Named {
  std::string name;
  int weight;
};

std::string owner(std::uint64_t conversation, const std::vector<Named>& names) {
  std::string best;
  double highest = 0;
  for (const auto& [name, weight] : names) {
    const double score = rendezvous_score(conversation, name, weight);
    if (score > highest) best = name, highest = score;
  }
  return best;
}

}  // namespace

TEST_CASE("when a name leaves only its own conversations move", "[state]") {
  constexpr std::uint64_t seed = 23;
  constexpr int rounds = 20'000;
  INFO("seed " << seed);
  base::Rng rng(seed);
  const std::vector<Named> all{{"aa", 1}, {"bb", 1}, {"cc", 1}, {"dd", 1}};
  const std::vector<Named> left{{"aa", 1}, {"cc", 1}, {"dd", 1}};
  int moved = 0, moved_to_a = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::uint64_t conversation = rng.next();
    const std::string before = owner(conversation, all), after = owner(conversation, left);
    if (before == "bb") {
      ++moved;
      moved_to_a += after == "aa";
    } else {
      REQUIRE(before == after);
    }
  }
  CHECK(moved > rounds / 4 - 400);
  CHECK(moved < rounds / 4 + 400);
  CHECK(moved_to_a > moved / 3 - 200);
  CHECK(moved_to_a < moved / 3 + 200);
}

TEST_CASE("a name gets conversations by its weight", "[state]") {
  constexpr std::uint64_t seed = 29;
  INFO("seed " << seed);
  base::Rng rng(seed);
  int heavy = 0;
  for (int i = 0; i < 20'000; ++i) heavy += owner(rng.next(), {{"aa", 1}, {"bb", 3}}) == "bb";
  CHECK(heavy > 14'600);
  CHECK(heavy < 15'400);
}

TEST_CASE("scores are the same everywhere and for good", "[state]") {
  // A change moves every conversation to another key, away from its prompt cache.
  CHECK(owner(1, {{"aa", 1}, {"bb", 1}, {"cc", 1}}) == "cc");
  CHECK(owner(2, {{"aa", 1}, {"bb", 1}, {"cc", 1}}) == "cc");
  CHECK(owner(7, {{"aa", 1}, {"bb", 1}, {"cc", 1}}) == "bb");
}

TEST_CASE("a weight below 1 is 1, and the first conversation has an owner", "[state]") {
  CHECK(rendezvous_score(1, "aa", 0) == rendezvous_score(1, "aa", 1));
  CHECK(rendezvous_score(0, "", -5) > 0);
}
