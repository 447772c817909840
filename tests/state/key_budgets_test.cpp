#include <chrono>
#include <utility>

#include "catch.hpp"
#include "key_pools.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using namespace ccrelay::state::pools;
using std::chrono::seconds;

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
