#include "state/keys.hpp"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "key_pools.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using namespace ccrelay::state::pools;
using std::chrono::seconds;

TEST_CASE("keys are taken in turn, each provider with a turn of its own", "[state]") {
  Keys keys;
  Pool p = pool_of({"aa", "bb", "cc"}, {}, PoolStrategy::round_robin), q = p;
  q.provider = "q";
  std::string order;
  for (int i = 0; i < 4; ++i) order += p.keys[*choose(keys, p, at(0)).index].fingerprint;
  CHECK(order == "aabbccaa");
  CHECK(choose(keys, q, at(0)).index == 0u);
}

TEST_CASE("idle keys without limits are taken in turn, not always the first", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa", "bb", "cc"});
  std::string order;
  for (int i = 0; i < 5; ++i) order += pool.keys[*choose(keys, pool, at(0)).index].fingerprint;
  CHECK(order == "aabbccaabb");
}

TEST_CASE("what was charged here makes a key loaded, before any answer", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa", "bb"}, {100});
  CHECK(choose(keys, pool, at(0)).index == 0u);
  CHECK(choose(keys, pool, at(0), "m", {0}).index == 1u);
  CHECK(choose(keys, pool, at(0), "m", {0}).index == 1u);
  CHECK(choose(keys, pool, at(0)).index == 0u);
}

TEST_CASE("one secret in two providers has one budget, by its smaller limits", "[state]") {
  Keys keys;
  Pool p = pool_of({"aa"}, {3, 0, 0, 50, 4}), q = pool_of({"aa", "aa"}, {2, 70, 0, 90, 0});
  q.provider = "q";
  keys.configure({&p, &q});
  CHECK(take(keys, p, at(0)));
  CHECK(take(keys, q, at(0)));
  CHECK_FALSE(take(keys, p, at(0)));
  CHECK_FALSE(take(keys, q, at(0)));
  const auto shared = report(keys, p, at(0));
  CHECK(shared.requests.limit == 2);
  CHECK(shared.input_tokens.limit == 70);
  CHECK(shared.output_tokens.limit == 0);
  CHECK(shared.tokens.limit == 50);
  CHECK(shared.in_flight_max == 4);
}

TEST_CASE("the same secret at two addresses is two keys", "[state]") {
  Keys keys;
  Pool one = pool_of({"aa"}), two = pool_of({"aa"});
  one.keys[0].id = "aa@one";
  two.keys[0].id = "aa@two";
  keys.refuse("aa@one", at(300));
  CHECK_FALSE(choose(keys, one, at(0)).index);
  CHECK(choose(keys, two, at(0)).index);
}

TEST_CASE("a reload changes limits and forgets nothing", "[state]") {
  Keys keys;
  const Pool before = pool_of({"aa"}, {2}), after = pool_of({"aa"}, {3}), none = pool_of({"bb"});
  keys.configure({&before});
  CHECK(take(keys, before, at(0)));
  CHECK(take(keys, before, at(0)));
  keys.cool("aa", "n", at(90));
  keys.configure({&none});
  keys.configure({&after});
  CHECK(take(keys, before, at(0)));
  CHECK_FALSE(take(keys, before, at(0)));
  CHECK_FALSE(choose(keys, after, at(61), "n").index);
}

TEST_CASE("status tells who is set aside and for how long", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa", "bb"});
  keys.refuse("bb", at(300));
  keys.cool("bb", "m", at(20));
  keys.cool("bb", "old", at(5));
  const auto both = keys.report(pool, at(10));
  REQUIRE(both.size() == 2);
  CHECK(both[0].refused_for == Duration(0));
  CHECK(both[1].fingerprint == "bb");
  CHECK(both[1].refused_for == Duration(seconds(290)));
  REQUIRE(both[1].cooling.size() == 1);
  CHECK(both[1].cooling[0].first == "m");
  CHECK(both[1].cooling[0].second == Duration(seconds(10)));
}

TEST_CASE("a home key is used while it has room, and again when it has", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa", "bb"}, {1});
  Ask ask{pool, "m", none_tried};
  ask.home = "bb";
  const auto first = keys.choose(ask, at(0));
  CHECK(first.index == 1u);
  CHECK(first.why == "home");
  const auto escape = keys.choose(ask, at(1));
  CHECK(escape.index == 0u);
  CHECK(escape.why == "least_loaded");
  CHECK(keys.choose(ask, at(61)).index == 1u);
}

TEST_CASE("pools of many keys work as small ones do", "[state]") {
  Keys keys;
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("key" + std::to_string(i));
  const Pool pool = pool_of(names, {1});
  for (std::size_t i = 0; i < 40; ++i) REQUIRE(choose(keys, pool, at(0)).index == i);
  CHECK_FALSE(choose(keys, pool, at(0)).index);
}

TEST_CASE("several threads never take more than there is", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa", "bb"}, {300});
  std::array<int, 4> taken{};
  std::vector<std::thread> threads;
  for (int& mine : taken) {
    threads.emplace_back([&keys, &pool, &mine] {
      for (int i = 0; i < 400; ++i) {
        auto choice = choose(keys, pool, at(0));
        mine += choice.index.has_value();
        choice.lease.settle(used(1, 1, 0, 0), at(0));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == 600);
  CHECK(report(keys, pool, at(0)).in_flight == 0);
}
