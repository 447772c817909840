#include <map>

#include "base/rng.hpp"
#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

TEST_CASE("the one with the fewest requests in flight is asked first", "[route]") {
  const auto router = made("least_loaded");
  auto candidates = named({"a", "b", "c"});
  candidates[0].in_flight = 2;
  candidates[1].in_flight = 7;
  candidates[2].in_flight = 1;
  candidates[1].priority = 5;
  for (int i = 0; i < 6; ++i) CHECK(ordered(*router, candidates) == "cab");
}

TEST_CASE("of the equally loaded the higher priority is asked first", "[route]") {
  const auto router = made("least_loaded");
  auto candidates = named({"a", "b", "c"});
  candidates[1].priority = 1;
  candidates[2].priority = 2;
  for (int i = 0; i < 6; ++i) CHECK(ordered(*router, candidates) == "cba");
}

TEST_CASE("what is equal takes turns", "[route]") {
  const auto router = made("least_loaded");
  CHECK(turns(*router, named({"a", "b", "c"}), 6) == "abcabc");
}

TEST_CASE("equal ones share evenly although somebody else is busier", "[route]") {
  const auto router = made("least_loaded");
  auto candidates = named({"a", "b", "c", "d"});
  const std::size_t busy = GENERATE(0u, 1u, 3u);
  candidates[busy].in_flight = 5;
  std::map<std::string, int> count;
  for (int i = 0; i < 300; ++i) ++count[ordered(*router, candidates).substr(0, 1)];
  CHECK(count.size() == 3);
  for (const auto& [name, times] : count) CHECK(times == 100);
}

TEST_CASE("those behind the first take turns as well", "[route]") {
  // Else, while the least loaded one fails, all of its requests would go on to the same other one.
  const auto router = made("least_loaded");
  auto candidates = named({"a", "b", "c"});
  candidates[1].in_flight = candidates[2].in_flight = 1;
  CHECK(ordered(*router, candidates) == "abc");
  CHECK(ordered(*router, candidates) == "acb");
  CHECK(ordered(*router, candidates) == "abc");
}

TEST_CASE("load is spread as evenly as requests end", "[route]") {
  constexpr std::uint64_t seed = 61;
  INFO("seed " << seed);
  base::Rng rng(seed);
  const auto router = made("least_loaded");
  auto candidates = named({"a", "b", "c"});
  for (int i = 0; i < 3000; ++i) {
    const std::size_t chosen = router->order(asking(0), candidates).at(0);
    for (const auto& other : candidates) {
      REQUIRE(candidates[chosen].in_flight <= other.in_flight);
    }
    ++candidates[chosen].in_flight;
    RouteCandidate& ending = candidates[rng.below(3)];
    if (ending.in_flight > 0) --ending.in_flight;
  }
}
