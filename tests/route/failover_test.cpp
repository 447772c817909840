#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

TEST_CASE("failover asks by priority, equal ones as they are listed", "[route]") {
  const auto router = made("failover");
  auto candidates = named({"a", "b", "c", "d", "e"});
  CHECK(ordered(*router, candidates) == "abcde");
  candidates[1].priority = 2;
  candidates[2].priority = -1;
  candidates[4].priority = 2;
  CHECK(ordered(*router, candidates) == "beadc");
}

TEST_CASE("failover names everybody each time, so that the next can follow", "[route]") {
  // The older relay asked the first one and nobody else.
  const auto router = made("failover");
  const auto candidates = named({"a", "b", "c"});
  for (std::uint64_t i = 0; i < 10; ++i) CHECK(ordered(*router, candidates, asking(i)) == "abc");
}

TEST_CASE("load, weight and speed do not change failover's order", "[route]") {
  const auto router = made("failover");
  auto candidates = named({"a", "b"});
  candidates[0].in_flight = 9;
  candidates[0].first_byte = std::chrono::seconds(9);
  candidates[1].weight = 9;
  CHECK(ordered(*router, candidates) == "ab");
}

TEST_CASE("under failover a home goes before its equals, and before nobody above it", "[route]") {
  const auto router = made("failover");
  auto candidates = named({"a", "b", "c"});
  candidates[0].priority = candidates[1].priority = 1;
  CHECK(router->may_lead(asking(0), candidates[1], candidates[0]));
  CHECK_FALSE(router->may_lead(asking(0), candidates[2], candidates[0]));
}
