#include "state/pool_choice.hpp"

#include <map>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;

namespace {

const std::vector<std::size_t> none_tried;

struct Fixture {
  Pool pool{"p", PoolStrategy::least_loaded, {{"aa", {}, 1}, {"bb", {}, 2}, {"cc", {}, -1}}};
  std::vector<FreeKey> free{
      {0, &pool.keys[0], 0, 0, 0}, {1, &pool.keys[1], 0, 0, 0}, {2, &pool.keys[2], 0, 0, 0}};
  Ask ask{pool, "m", none_tried};

  std::string pick(std::size_t turn = 0) {
    return free[pick_key(ask, free, turn).place].key->fingerprint;
  }
};

}  // namespace

TEST_CASE("least loaded looks at requests in flight, then budgets, then who waited", "[state]") {
  struct Case {
    const char* what;
    int in_flight[3];
    double share[3];
    std::uint64_t last[3];
    const char* expected;
  };
  const Case cases[] = {
      {"in flight first", {1, 3, 0}, {0, 0, 0.9}, {1, 2, 3}, "cc"},
      {"in flight for each unit of weight", {1, 1, 1}, {0, 0.9, 0}, {1, 2, 3}, "bb"},
      {"a weight below 1 is 1", {1, 2, 1}, {0.5, 0.4, 0.3}, {1, 2, 3}, "cc"},
      {"then the tightest budget", {0, 0, 0}, {0.5, 0.4, 0.6}, {1, 3, 2}, "bb"},
      {"then the one that waited longest", {0, 0, 0}, {0.5, 0.5, 0.5}, {3, 2, 1}, "cc"},
  };
  for (const Case& each : cases) {
    INFO(each.what);
    Fixture fixture;
    for (std::size_t i = 0; i < 3; ++i) {
      fixture.free[i].in_flight = each.in_flight[i];
      fixture.free[i].share_used = each.share[i];
      fixture.free[i].last_taken = each.last[i];
    }
    CHECK(fixture.pick() == each.expected);
  }
}

TEST_CASE("a round robin takes the next free key and begins anew at the end", "[state]") {
  Fixture fixture;
  fixture.pool.strategy = PoolStrategy::round_robin;
  CHECK(fixture.pick(0) == "aa");
  CHECK(fixture.pick(2) == "cc");
  CHECK(fixture.pick(3) == "aa");
  fixture.free.erase(fixture.free.begin() + 1);
  CHECK(fixture.pick(1) == "cc");
}

TEST_CASE("random draws evenly, weighted by weight", "[state]") {
  Fixture fixture;
  std::map<std::string, int> even, weighted;
  for (std::uint64_t i = 0; i < 12; ++i) {
    fixture.ask.random = i;
    fixture.pool.strategy = PoolStrategy::random;
    ++even[fixture.pick()];
    fixture.pool.strategy = PoolStrategy::weighted;
    ++weighted[fixture.pick()];
  }
  CHECK(even == std::map<std::string, int>{{"aa", 4}, {"bb", 4}, {"cc", 4}});
  CHECK(weighted == std::map<std::string, int>{{"aa", 3}, {"bb", 6}, {"cc", 3}});
}

TEST_CASE("home goes first, then the conversation, then the strategy", "[state]") {
  Fixture fixture;
  fixture.ask.conversation = 5;
  CHECK(pick_key(fixture.ask, fixture.free, 0).why == "least_loaded");
  fixture.ask.spread_by_conversation = true;
  CHECK(pick_key(fixture.ask, fixture.free, 0).why == "rendezvous");
  fixture.ask.home = "cc";
  CHECK(pick_key(fixture.ask, fixture.free, 0).why == "home");
  CHECK(fixture.pick() == "cc");
  fixture.ask.home = "not free";
  CHECK(pick_key(fixture.ask, fixture.free, 0).why == "rendezvous");
  fixture.ask.conversation.reset();
  CHECK(pick_key(fixture.ask, fixture.free, 0).why == "least_loaded");
}

TEST_CASE("a conversation leaves a key that isn't free and returns to it", "[state]") {
  Fixture fixture;
  fixture.ask.spread_by_conversation = true;
  for (std::uint64_t conversation = 0; conversation < 50; ++conversation) {
    INFO("conversation " << conversation);
    fixture.ask.conversation = conversation;
    const auto place = static_cast<std::ptrdiff_t>(pick_key(fixture.ask, fixture.free, 0).place);
    const std::string before = fixture.pick();
    const FreeKey gone = fixture.free[static_cast<std::size_t>(place)];
    fixture.free.erase(fixture.free.begin() + place);
    CHECK(fixture.pick() != before);
    fixture.free.insert(fixture.free.begin() + place, gone);
    CHECK(fixture.pick() == before);
  }
}
