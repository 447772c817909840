#include "catch.hpp"
#include "route/candidates.hpp"
#include "route/strategies.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

TEST_CASE("failover asks by priority, equal ones as they are listed", "[route]") {
  Failover router;
  auto candidates = named({"a", "b", "c", "d", "e"});
  CHECK(ordered(router, candidates) == "abcde");
  candidates[1].priority = 2;
  candidates[2].priority = -1;
  candidates[4].priority = 2;
  CHECK(ordered(router, candidates) == "beadc");
}

TEST_CASE("failover names everybody each time, so that the next can follow (G2)", "[route]") {
  // The older relay asked the first one and nobody else.
  Failover router;
  const auto candidates = named({"a", "b", "c"});
  for (std::uint64_t i = 0; i < 10; ++i) CHECK(ordered(router, candidates, asking(i)) == "abc");
}

TEST_CASE("load, weight and speed do not change failover's order", "[route]") {
  Failover router;
  auto candidates = named({"a", "b"});
  candidates[0].in_flight = 9;
  candidates[0].first_byte = std::chrono::seconds(9);
  candidates[1].weight = 9;
  CHECK(ordered(router, candidates) == "ab");
}
