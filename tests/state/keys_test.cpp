#include "state/keys.hpp"

#include <array>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <memory>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::seconds;

namespace {

const std::vector<std::size_t> none_tried;

TimePoint at(int s) {
  return TimePoint(seconds(s));
}

Pool pool_of(std::vector<std::string> fingerprints, KeyLimits limits = {},
             PoolStrategy strategy = PoolStrategy::least_loaded) {
  Pool pool{"p", strategy, {}};
  for (auto& fingerprint : fingerprints) pool.keys.push_back({std::move(fingerprint), limits, 1});
  return pool;
}

Choice choose(Keys& keys, const Pool& pool, TimePoint now, std::string_view model = "m",
              const std::vector<std::size_t>& tried = none_tried) {
  return keys.choose({pool, model, tried}, now);
}

/// Takes a key and drops the lease at once; what stays is one request in the window.
bool take(Keys& keys, const Pool& pool, TimePoint now) {
  return choose(keys, pool, now).index.has_value();
}

KeyReport report(Keys& keys, const Pool& pool, TimePoint now) {
  return keys.report(pool, now).at(0);
}

Tokens used(std::uint64_t input, std::uint64_t output, std::uint64_t wrote, std::uint64_t read) {
  return {{input, output, wrote, std::nullopt, read}};
}

}  // namespace

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

TEST_CASE("an answer gives no request back", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"}, {2});
  for (int i = 0; i < 2; ++i) {
    auto choice = choose(keys, pool, at(i));
    choice.lease.learn({}, at(i));
    choice.lease.settle(used(10, 10, 0, 0), at(i));
  }
  CHECK(choose(keys, pool, at(2)).outlook.soonest == at(60));
  CHECK(take(keys, pool, at(60)));
  CHECK_FALSE(take(keys, pool, at(60)));
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

TEST_CASE("tokens are reserved, corrected from usage, and limit a key", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"}, {0, 1000, 0, 0});
  const auto ask = [&](std::uint64_t input) {
    Ask wanted{pool, "m", none_tried};
    wanted.input_estimate = input;
    return keys.choose(wanted, at(0));
  };
  auto first = ask(800);
  CHECK(report(keys, pool, at(0)).input_tokens.used == 800);
  CHECK(ask(300).outlook.soonest == at(60));
  // Cache reads don't count against the limit, cache writes do.
  first.lease.settle(used(300, 40, 200, 5000), at(1));
  CHECK(report(keys, pool, at(1)).input_tokens.used == 500);
  CHECK(report(keys, pool, at(1)).output_tokens.used == 40);
  CHECK(report(keys, pool, at(1)).tokens.used == 540);
  CHECK(ask(500).index == 0u);
  CHECK_FALSE(ask(501).index);
}

TEST_CASE("each budget limits by itself", "[state]") {
  // The first request reserves 1 request, 100 input tokens and 500 of output.
  for (const KeyLimits& limits : {KeyLimits{1}, KeyLimits{0, 199}, KeyLimits{0, 0, 999},
                                  KeyLimits{0, 0, 0, 1199}, KeyLimits{0, 0, 0, 0, 1}}) {
    Keys keys;
    const Pool pool = pool_of({"aa"}, limits);
    Ask ask{pool, "m", none_tried};
    ask.input_estimate = 100;
    const auto first = keys.choose(ask, at(0));
    REQUIRE(first.index);
    const auto second = keys.choose(ask, at(0));
    CHECK_FALSE(second.index);
    CHECK(second.outlook.soonest.has_value() == (limits.in_flight == 0));
    CHECK(second.outlook.busy == (limits.in_flight > 0));
  }
  Keys keys;
  const Pool pool = pool_of({"aa"}, {2, 200, 1000, 1200, 2});
  Ask ask{pool, "m", none_tried};
  ask.input_estimate = 100;
  const auto first = keys.choose(ask, at(0));
  CHECK(keys.choose(ask, at(0)).index);
}

TEST_CASE("an in-flight cap opens with the end of a request", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"}, {0, 0, 0, 0, 1});
  auto first = choose(keys, pool, at(0));
  CHECK_FALSE(keys.any_free(pool, "m", at(0)));
  first.lease.settle({}, at(1));
  CHECK(keys.any_free(pool, "m", at(1)));
  CHECK(report(keys, pool, at(1)).in_flight == 0);
}

TEST_CASE("the output of a long answer counts when it was known", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  auto answer = choose(keys, pool, at(0));
  answer.lease.settle(used(70, 900, 0, 0), at(100));
  const auto now = report(keys, pool, at(100));
  CHECK(now.input_tokens.used == 0);
  CHECK(now.output_tokens.used == 900);
  CHECK(now.tokens.used == 900);
}

TEST_CASE("the output that is reserved follows the key's own answers", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  choose(keys, pool, at(0)).lease.settle(used(10, 1300, 0, 0), at(0));  // 500 + (1300 - 500) / 8
  const auto next = choose(keys, pool, at(0));
  CHECK(report(keys, pool, at(0)).output_tokens.used == 1300 + 600);
}

TEST_CASE("how a request ends decides what is given back", "[state]") {
  struct Case {
    const char* what;
    void (*end)(KeyLease&);
    std::uint64_t requests, input, output;
  };
  const Case cases[] = {
      {"settled", [](KeyLease& lease) { lease.settle(used(7, 8, 0, 0), at(1)); }, 1, 7, 8},
      {"no usage told", [](KeyLease& lease) { lease.settle({}, at(1)); }, 1, 100, 500},
      {"rejected", [](KeyLease& lease) { lease.reject(at(1)); }, 1, 0, 0},
      {"never sent", [](KeyLease& lease) { lease.reject(at(1), true); }, 0, 0, 0},
      {"dropped", [](KeyLease& lease) { lease = {}; }, 1, 0, 0},
      {"ended twice",
       [](KeyLease& lease) {
         lease.settle(used(7, 8, 0, 0), at(1));
         lease.reject(at(1), true);
       },
       1, 7, 8},
  };
  for (const Case& each : cases) {
    INFO(each.what);
    Keys keys;
    const Pool pool = pool_of({"aa"});
    Ask ask{pool, "m", none_tried};
    ask.input_estimate = 100;
    auto choice = keys.choose(ask, at(0));
    KeyLease moved = std::move(choice.lease);
    CHECK_FALSE(choice.lease);
    CHECK(report(keys, pool, at(0)).in_flight == 1);
    each.end(moved);
    CHECK_FALSE(moved);
    const auto after = report(keys, pool, at(1));
    CHECK(after.in_flight == 0);
    CHECK(after.requests.used == each.requests);
    CHECK(after.input_tokens.used == each.input);
    CHECK(after.output_tokens.used == each.output);
    CHECK(after.tokens.used == each.input + each.output);
  }
}

TEST_CASE("counting tokens charges nothing and waits for no limit of messages", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"}, {2, 100, 100, 100});
  Ask message{pool, "m", none_tried};
  message.input_estimate = 100;
  const auto full = keys.choose(message, at(0));
  REQUIRE(full.index);
  CHECK_FALSE(keys.any_free(pool, "m", at(0)));
  Ask count = message;
  count.counts_tokens = false;
  auto counting = keys.choose(count, at(0));
  REQUIRE(counting.index);
  counting.lease.settle(used(100, 0, 0, 0), at(0));
  CHECK(report(keys, pool, at(0)).requests.used == 1);
  CHECK(report(keys, pool, at(0)).input_tokens.used == 100);
  keys.cool("aa", "m", at(50));
  CHECK(keys.choose(count, at(0)).index);
  keys.refuse("aa", at(50));
  CHECK_FALSE(keys.choose(count, at(0)).index);
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

TEST_CASE("what a provider said of a key limits it and is shown", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  auto first = choose(keys, pool, at(0));
  base::RateLimits said;
  said.requests = {60, 1, seconds(59)};
  said.output_tokens = {8000, 7000, {}};
  said.unified = {{"status", "allowed"}};
  first.lease.learn(said, at(0));
  KeyLease().learn(said, at(0));
  const auto shown = report(keys, pool, at(0));
  CHECK(shown.fingerprint == "aa");
  CHECK(shown.requests.learned_limit == 60u);
  CHECK(shown.requests.learned_remaining == 1u);
  CHECK(shown.output_tokens.learned_remaining == 7000u);
  CHECK_FALSE(shown.tokens.learned_remaining.has_value());
  CHECK(shown.unified == said.unified);
  CHECK(take(keys, pool, at(0)));
  CHECK(choose(keys, pool, at(0)).outlook.soonest == at(1));
  first.lease.learn({}, at(0));
  CHECK(report(keys, pool, at(0)).unified == said.unified);
}

TEST_CASE("the end of a request corrects what its key is thought to have left", "[state]") {
  Keys keys;
  const Pool pool = pool_of({"aa"});
  auto first = choose(keys, pool, at(0));
  auto second = choose(keys, pool, at(0));  // reserves 500 tokens of output
  base::RateLimits said;
  said.output_tokens = {8000, 6000, {}};
  first.lease.learn(said, at(0));
  CHECK(report(keys, pool, at(0)).output_tokens.learned_remaining == 5500u);
  second.lease.settle(used(1, 100, 0, 0), at(0));
  CHECK(report(keys, pool, at(0)).output_tokens.learned_remaining == 5900u);
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

TEST_CASE("the same secret at two addresses is two keys", "[state]") {
  Keys keys;
  Pool one = pool_of({"aa"}), two = pool_of({"aa"});
  one.keys[0].id = "aa@one";
  two.keys[0].id = "aa@two";
  keys.refuse("aa@one", at(300));
  CHECK_FALSE(choose(keys, one, at(0)).index);
  CHECK(choose(keys, two, at(0)).index);
}
