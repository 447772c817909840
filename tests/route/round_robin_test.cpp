#include <map>

#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

TEST_CASE("in round robin each has its turn and the ones behind it follow", "[route]") {
  const auto router = made("round_robin");
  const auto candidates = named({"a", "b", "c"});
  CHECK(ordered(*router, candidates) == "abc");
  CHECK(ordered(*router, candidates) == "bca");
  CHECK(ordered(*router, candidates) == "cab");
  CHECK(ordered(*router, candidates) == "abc");
}

TEST_CASE("round robin is even, whatever priority and weight say", "[route]") {
  const auto router = made("round_robin");
  auto candidates = named({"a", "b", "c", "d"});
  candidates[1].priority = 5;
  candidates[2].weight = 5;
  std::map<char, int> count;
  for (const char name : turns(*router, candidates, 400)) ++count[name];
  CHECK(count == std::map<char, int>{{'a', 100}, {'b', 100}, {'c', 100}, {'d', 100}});
}

TEST_CASE("round robin goes on when the candidates become fewer or none", "[route]") {
  const auto router = made("round_robin");
  const auto three = named({"a", "b", "c"}), two = named({"a", "b"});
  CHECK(turns(*router, three, 2) == "ab");
  CHECK(ordered(*router, {}) == "");
  CHECK(turns(*router, two, 4) == "abab");
  CHECK(turns(*router, three, 3) == "abc");
}
