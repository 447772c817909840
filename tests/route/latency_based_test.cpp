#include <chrono>
#include <map>
#include <string>

#include "base/rng.hpp"
#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;
using std::chrono::milliseconds;

namespace {

/// The order that most requests see: one in twenty explores.
std::string usual(const std::vector<RouteCandidate>& candidates) {
  const auto router = made("latency_based");
  std::map<std::string, int> count;
  for (std::uint64_t i = 0; i < 100; ++i) ++count[ordered(*router, candidates, asking(i))];
  for (const auto& [order, times] : count) {
    if (times > 80) return order;
  }
  return "none";
}

}  // namespace

TEST_CASE("the quickest to its first byte is asked first", "[route]") {
  auto candidates = named({"a", "b", "c"});
  candidates[0].first_byte = milliseconds(900);
  candidates[1].first_byte = milliseconds(1200);
  candidates[2].first_byte = milliseconds(300);
  candidates[1].priority = 5;
  CHECK(usual(candidates) == "cab");
}

TEST_CASE("one whose speed is not known is tried before the others", "[route]") {
  auto candidates = named({"a", "b", "c", "d"});
  candidates[0].first_byte = milliseconds(1);
  candidates[2].first_byte = milliseconds(2);
  CHECK(usual(candidates) == "bdac");
}

TEST_CASE("equally quick ones and unknown ones go by priority, then as listed", "[route]") {
  auto candidates = named({"a", "b", "c", "d", "e", "f"});
  for (std::size_t i = 0; i < 3; ++i) candidates[i].first_byte = milliseconds(5);
  candidates[1].priority = candidates[5].priority = 1;
  CHECK(usual(candidates) == "fdebac");
}

TEST_CASE("one request in twenty begins with a random one", "[route]") {
  constexpr int rounds = 20'000;
  constexpr std::uint64_t seed = 83;
  INFO("seed " << seed);
  auto candidates = named({"a", "b", "c", "d"});
  for (std::size_t i = 0; i < 4; ++i) candidates[i].first_byte = milliseconds(100 * (i + 1));
  const auto router = made("latency_based");
  base::Rng rng(seed);
  std::map<std::string, int> count;
  for (int i = 0; i < rounds; ++i) ++count[ordered(*router, candidates, asking(rng.next()))];
  // Behind the random one the others stay as they were. A quarter of the explorations fall to the
  // one that is first anyway.
  CHECK(count.size() == 4);
  for (const char* order : {"bacd", "cabd", "dabc"}) {
    INFO(order << ": " << count[order]);
    CHECK(count[order] > rounds / 80 - 63);  // four standard deviations
    CHECK(count[order] < rounds / 80 + 63);
  }
  CHECK(count["abcd"] > rounds * 0.95);
}

TEST_CASE("whether a request explores is decided by its random number alone", "[route]") {
  const auto one = made("latency_based"), other = made("latency_based");
  auto candidates = named({"a", "b", "c"});
  candidates[0].first_byte = milliseconds(1);
  for (std::uint64_t i = 0; i < 200; ++i) {
    const std::string order = ordered(*one, candidates, asking(i));
    CHECK(ordered(*one, candidates, asking(i)) == order);
    CHECK(ordered(*other, candidates, asking(i)) == order);
  }
}
