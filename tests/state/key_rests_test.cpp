#include <chrono>
#include <memory>
#include <string>

#include "catch.hpp"
#include "key_pools.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using namespace ccrelay::state::pools;
using std::chrono::seconds;

TEST_CASE("a cooled key is out for its model alone and until its time", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  keys.cool("aa", "m", at(10));
  CHECK(choose(keys, pool, at(9)).outlook.soonest == at(10));
  CHECK(choose(keys, pool, at(9)).why == "none_free");
  CHECK(choose(keys, pool, at(9), "other").index == 0u);
  CHECK(choose(keys, pool, at(10)).index == 0u);
}

TEST_CASE("a later end extends a rest, an earlier one doesn't cut it", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  keys.cool("aa", "m", at(10));
  keys.cool("aa", "m", at(5));
  CHECK(choose(keys, pool, at(0)).outlook.soonest == at(10));
  keys.cool("aa", "m", at(20));
  CHECK(choose(keys, pool, at(0)).outlook.soonest == at(20));
  keys.refuse("aa", at(40));
  keys.refuse("aa", at(30));
  CHECK(keys.refused("aa", at(39)));
  CHECK_FALSE(keys.refused("aa", at(40)));
}

TEST_CASE("a lease that finds a limit or a refusal gives back what it held", "[state]") {
  const Pool pool = pool_of({"aa"});
  for (const bool refused : {false, true}) {
    INFO("refused: " << refused);
    Keys keys;
    Choice choice = choose(keys, pool, at(0));
    REQUIRE(keys.report(pool, at(0))[0].in_flight == 1);
    refused ? choice.lease.refuse(at(10), at(1)) : choice.lease.cool("m", at(10), at(1));
    CHECK_FALSE(choice.lease);
    const KeyReport report = keys.report(pool, at(1))[0];
    CHECK(report.in_flight == 0);
    CHECK(report.requests.used == 1);
    CHECK(report.input_tokens.used == 0);
    CHECK(report.output_tokens.used == 0);
    CHECK(choose(keys, pool, at(1)).outlook.refused == refused);
    CHECK_FALSE(choose(keys, pool, at(9)).index);
    CHECK(choose(keys, pool, at(9), "n").index.has_value() != refused);
    CHECK(choose(keys, pool, at(10)).index == 0u);
    // Ended once: a second word of the same lease says nothing.
    choice.lease.cool("m", at(90), at(11));
    choice.lease.refuse(at(90), at(11));
    CHECK(choose(keys, pool, at(11)).index == 0u);
  }
}

TEST_CASE("a refused key is out for every model and provider until a good answer", "[state]") {
  Keys keys;
  const Pool p = pool_of({"aa"});
  Pool q = p;
  q.provider = "q";
  Choice running = choose(keys, p, at(0));
  choose(keys, p, at(0)).lease.refuse(at(300), at(0));
  CHECK_FALSE(choose(keys, p, at(0)).index);
  CHECK_FALSE(choose(keys, q, at(0), "n").index);
  CHECK(keys.refused("aa", at(299)));
  CHECK_FALSE(keys.refused("aa", at(300)));
  CHECK_FALSE(keys.refused("bb", at(0)));
  running.lease.settle(used(1, 1, 0, 0), at(0));
  CHECK_FALSE(keys.refused("aa", at(0)));
  CHECK(choose(keys, p, at(0)).index == 0u);
}

TEST_CASE("with every key set aside the soonest is told, and tried ones are not chosen again",
          "[state]") {
  Keys keys;
  keys.cool("aa", "m", at(30));
  keys.cool("bb", "m", at(20));
  const auto none = choose(keys, pool_of({"aa", "bb"}), at(0));
  CHECK_FALSE(none.index);
  CHECK_FALSE(none.lease);
  CHECK(none.outlook.soonest == at(20));
  const auto tried = choose(keys, pool_of({"cc"}), at(0), "m", {0});
  CHECK_FALSE(tried.index);
  CHECK_FALSE(tried.outlook.soonest);
}

TEST_CASE("cool-downs of made-up models do not grow without end", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  for (int i = 1; i <= 10'000; ++i) keys.cool("aa", "model-" + std::to_string(i), at(i));
  CHECK(choose(keys, pool, at(0), "model-1").index == 0u);
  CHECK_FALSE(choose(keys, pool, at(0), "model-10000").index);
  CHECK(report(keys, pool, at(0)).cooling.size() == 256);
}

TEST_CASE("the soonest moment is over rests, windows and learned limits", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"}, {1});
  auto choice = choose(keys, pool, at(0));
  CHECK(choose(keys, pool, at(1)).outlook.soonest == at(60));
  keys.cool("aa", "m", at(50));
  CHECK(choose(keys, pool, at(1)).outlook.soonest == at(60));
  base::RateLimits said;
  said.requests = {{}, 0, seconds(70)};
  choice.lease.learn(said, at(2));
  CHECK(choose(keys, pool, at(2)).outlook.soonest == at(72));
  // Waiting makes no bad key good.
  keys.refuse("aa", at(300));
  CHECK_FALSE(choose(keys, pool, at(2)).outlook.soonest);
  CHECK(choose(keys, pool, at(2)).outlook.refused);
  const Pool two = pool_of({"aa", "bb"}, {1});
  take(keys, two, at(5));
  CHECK(choose(keys, two, at(6)).outlook.soonest == at(65));
}

TEST_CASE("an exhausted key is out until one request finds out", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  auto told = std::make_shared<Told>();
  choose(keys, pool, at(0)).lease.exhaust(at(1800), at(0), told);
  CHECK(choose(keys, pool, at(1799)).outlook.refused);
  CHECK(choose(keys, pool, at(1799)).outlook.of_account);
  CHECK(choose(keys, pool, at(1799)).outlook.told == told);
  auto probe = choose(keys, pool, at(1800));
  REQUIRE(probe.index);
  CHECK_FALSE(choose(keys, pool, at(1800)).index);
  SECTION("it is still so") {
    probe.lease.exhaust(at(3600), at(1801), told);
    CHECK_FALSE(choose(keys, pool, at(1802)).index);
    CHECK(choose(keys, pool, at(3600)).index);
  }
  SECTION("nothing was found out") {
    probe.lease.reject(at(1801));
    auto next = choose(keys, pool, at(1801));
    CHECK(next.index);
    CHECK_FALSE(choose(keys, pool, at(1801)).index);
  }
  SECTION("it was filled") {
    probe.lease.settle(used(1, 1, 0, 0), at(1801));
    auto one = choose(keys, pool, at(1801));
    CHECK(one.index);
    CHECK(choose(keys, pool, at(1801)).index);
  }
}

TEST_CASE("a model that a key may not use is no rest of others", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  choose(keys, pool, at(0)).lease.bar("m", at(300), at(0), nullptr);
  CHECK(choose(keys, pool, at(1)).outlook.refused);
  CHECK_FALSE(choose(keys, pool, at(1)).outlook.soonest);
  Ask other{pool, "other", none_tried};
  CHECK(keys.choose(other, at(1)).index);
  const KeyReport said = report(keys, pool, at(1));
  REQUIRE(said.barred.size() == 1);
  CHECK(said.cooling.empty());
}

TEST_CASE("forgiving ends what a person can mend, and no limit", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  keys.refuse("aa", at(300));
  keys.forgive();
  choose(keys, pool, at(0)).lease.exhaust(at(1800), at(0), nullptr);
  keys.forgive("aa");
  choose(keys, pool, at(0)).lease.bar("m", at(300), at(0), nullptr);
  keys.forgive();
  CHECK(take(keys, pool, at(0)));
  keys.cool("aa", "m", at(20));
  keys.forgive();
  CHECK(choose(keys, pool, at(0)).outlook.soonest == at(20));
}
