#include "exchange/forecast.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/client_ask.hpp"
#include "exchange/scene.hpp"
#include "price/rows.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using std::chrono::days;
using std::chrono::minutes;
using testing::rates;
using testing::row;

namespace {

/// "dear" and "cheap", which costs half of it, and a prompt of 10 000 tokens. All figures by hand:
/// tokens times thousandths of a USD per million are nano-USD.
struct CostScene : Scene {
  CostScene() {
    config.routing.strategy = "cost_based";
    add_all({"dear", "cheap"});
    config.prices = {row("dear", "m", rates(2000, 10'000, 2500, 4000, 100)),
                     row("cheap", "m", rates(1000, 5000, 1250, 2000, 50))};
    request.body = std::string(39'996, ' ');
    request.prompt = 9;
  }
  /// Its last answer came from there.
  void was_answered_by(std::size_t entry, Tokens tokens, bool partial = false) {
    Target target;
    target.entry = &snapshot->entries.at(entry);
    target.model = "m";
    UsageReport usage;
    Charge charge;
    charge.tokens = tokens;
    charge.partial = partial;
    usage.charges = {std::move(charge)};
    learn_use(costs(), request, target, usage, now);
  }
};

Tokens cached(std::uint64_t read, std::uint64_t written_5m, std::uint64_t written_1h = 0) {
  return {{1000, std::nullopt, written_5m, written_1h, read}};
}

}  // namespace

TEST_CASE("a request is expected to use a token for four bytes, and the usual answer",
          "[exchange]") {
  CostScene s;
  s.start();
  CHECK(s.expected(s.plan()) == "cheap 12500000 dear 25000000");
  s.was_answered_by(0, {{1000, 1500, 0, 0, 0}});
  CHECK(s.outputs.of("m") == 600);
  CHECK(s.expected(s.plan()) == "cheap 13000000 dear 26000000");
}

TEST_CASE("no answer is expected to be longer than max_tokens", "[exchange]") {
  CostScene s;
  s.request.view.max_tokens = 8;
  s.start();
  CHECK(s.expected(s.plan()) == "cheap 10040000 dear 20080000");
  s.request.view.max_tokens = 64'000;
  CHECK(s.expected(s.plan()) == "cheap 12500000 dear 25000000");
}

TEST_CASE("leaving a warm cache costs what is to be written elsewhere", "[exchange]") {
  CostScene s;
  s.request.view.caches = true;
  s.start();
  s.was_answered_by(0, cached(4000, 5000));
  // 9000 read, 1000 new, 500 out; elsewhere the 9000 are written.
  CHECK(s.expected(s.plan()) == "dear 7900000 cheap 14750000");
  s.now += minutes(5);
  CHECK(s.expected(s.plan()) == "cheap 14750000 dear 29500000");
}

TEST_CASE("what was written for an hour keeps a conversation for an hour", "[exchange]") {
  CostScene s;
  s.request.view.caches = true;
  s.start();
  s.was_answered_by(0, cached(0, 1000, 8000));
  s.now += minutes(59);
  // 8000 read, 1000 written anew, 1000 new, 500 out.
  CHECK(s.expected(s.plan()) == "dear 10300000 cheap 14750000");
  s.now += minutes(1);
  CHECK(s.expected(s.plan()) == "cheap 14750000 dear 29500000");
}

TEST_CASE("of a request that has nothing cached nothing is expected to be written", "[exchange]") {
  CostScene s;
  s.start();
  s.was_answered_by(0, cached(4000, 5000));
  CHECK(s.expected(s.plan()) == "dear 7900000 cheap 12500000");
}

TEST_CASE("two that have answered are warm both, as far as each has heard", "[exchange]") {
  CostScene s;
  s.request.view.caches = true;
  s.start();
  s.was_answered_by(0, cached(0, 5000));
  s.was_answered_by(1, cached(0, 9000));
  // cheap: 9000 read, 1000 new. dear: 5000 read, 4000 written, 1000 new.
  CHECK(s.expected(s.plan()) == "cheap 3950000 dear 17500000");
}

TEST_CASE("another agent or model, and a conversation that begins, have nothing cached",
          "[exchange]") {
  CostScene s;
  s.request.view.caches = true;
  s.start();
  s.was_answered_by(0, cached(4000, 5000));
  SECTION("another prompt") {
    s.request.prompt = 10;
  }
  SECTION("one that begins") {
    s.request.begins = true;
  }
  SECTION("no conversation") {
    s.request.prompt.reset();
  }
  CHECK(s.expected(s.plan()) == "cheap 12500000 dear 25000000");
}

TEST_CASE("a prompt beyond the limit for long ones has their rates, however much is warm",
          "[exchange]") {
  CostScene s;
  s.config.prices[0].long_prompt =
      PriceRow::Long{9999, rates(20'000, 100'000, 25'000, 40'000, 1000)};
  s.request.view.caches = true;
  s.start();
  s.was_answered_by(0, cached(4000, 5000));
  CHECK(s.expected(s.plan()) == "cheap 14750000 dear 79000000");
  s.request.body.resize(39'995);  // 9999 tokens
  CHECK(s.expected(s.plan()) == "dear 7898000 cheap 14749000");
}

TEST_CASE("an answer that was cut says what is cached, but not how long answers are",
          "[exchange]") {
  CostScene s;
  s.request.view.caches = true;
  s.start();
  s.was_answered_by(0, {{1000, 3, 5000, 0, 4000}}, true);
  CHECK(s.outputs.of("m") == 500);
  CHECK(s.expected(s.plan()) == "dear 7900000 cheap 14750000");
}

TEST_CASE("who has no price is asked last, and a factor of 0 is a price", "[exchange]") {
  CostScene s;
  s.add("unpriced").priority = 9;
  s.add("flat");
  s.config.prices.push_back(row("flat", "*", rates(9, 9, 9, 9, 9)));
  s.start();
  CHECK(s.expected(s.plan()) == "flat 94500 cheap 12500000 dear 25000000 unpriced -1");
  s.config.providers[0].price_factor = 0;
  s.start();
  CHECK(s.expected(s.plan()) == "dear 0 flat 94500 cheap 12500000 unpriced -1");
}

TEST_CASE("the price of the day holds", "[exchange]") {
  CostScene s;
  s.config.prices.push_back(row("cheap", "m", rates(3000, 5000, 0, 0, 0), "2025-01-01"));
  s.start();
  s.wall = WallTime{} + days(price::parse_day("2025-01-01").value()) - minutes(1);
  CHECK(s.expected(s.plan()) == "cheap 12500000 dear 25000000");
  s.wall += minutes(1);
  CHECK(s.expected(s.plan()) == "dear 25000000 cheap 32500000");
}

TEST_CASE("the price is that of the model as it is sent", "[exchange]") {
  CostScene s;
  s.config.providers[0].model_mapping["m"] = "small";
  s.config.prices.push_back(row("dear", "small", rates(10, 10, 10, 10, 10)));
  s.start();
  CHECK(s.expected(s.plan()) == "dear 105000 cheap 12500000");
}

TEST_CASE("a home within a tenth of the cheapest keeps its conversation, a dearer one does not",
          "[exchange]") {
  CostScene s;
  s.start();
  s.lives_at("dear");
  CHECK(told(s.plan()) == "away: cheap dear");
  s.config.providers[0].price_factor = 550;
  s.start();
  CHECK(told(s.plan()) == "home: dear cheap");
  CHECK(s.expected(s.plan()) == "dear 13750000 cheap 12500000");
  s.config.providers[0].price_factor = 551;
  s.start();
  CHECK(told(s.plan()) == "away: cheap dear");
}

TEST_CASE("the cheapest is left out while its breaker is open, and asked last", "[exchange]") {
  CostScene s;
  s.start();
  s.break_off("cheap");
  CHECK(names(s.plan()) == "dear cheap");
}

TEST_CASE("a program's own router is told of costs if it weighs them", "[exchange]") {
  class Own final : public Router {
   public:
    std::string_view name() const override { return "own"; }
    bool weighs_costs() const override { return weighs; }
    std::vector<std::size_t> order(const RouteRequest&,
                                   const std::vector<RouteCandidate>& candidates) override {
      given.clear();
      for (const RouteCandidate& one : candidates) {
        given += std::to_string(one.expected_nano_usd.value_or(-1)) + (one.is_home ? "h " : " ");
      }
      return {0, 1};
    }
    bool weighs = true;
    std::string given;
  };
  const auto router = std::make_shared<Own>();
  CostScene s;
  s.options.router = router;
  s.start();
  s.lives_at("cheap");
  CHECK(told(s.plan()) == "home: cheap dear");
  CHECK(router->given == "25000000 12500000h ");
  router->weighs = false;
  s.start();
  (void)s.plan();
  CHECK(router->given == "-1 -1h ");
}

TEST_CASE("of a client's budget is kept back what the first candidate is expected to cost",
          "[exchange]") {
  CostScene s;
  s.config.routing.strategy = "failover";
  s.start();
  s.request.weighed = true;
  s.request.view.caches = true;
  Plan plan = s.plan();
  CHECK(names(plan) == "dear cheap");
  CHECK(client_ask(s.request, plan).nano_usd == 25'000'000);
  CHECK(client_ask(s.request, plan).input_tokens == 10'000);
  s.was_answered_by(0, cached(4000, 5000));
  CHECK(client_ask(s.request, s.plan()).nano_usd == 7'900'000);
  plan.candidates.front().authority = Authority::client;
  CHECK_FALSE(client_ask(s.request, plan).nano_usd);
  s.request.operation = Operation::count_tokens;
  CHECK_FALSE(client_ask(s.request, s.plan()).nano_usd);
}

TEST_CASE("nothing is worked out or learnt for a strategy that weighs no costs", "[exchange]") {
  CostScene s;
  s.config.routing.strategy = "failover";
  s.start();
  s.was_answered_by(0, {{1000, 1500, 5000, 0, 4000}});
  CHECK(s.expected(s.plan()) == "dear -1 cheap -1");
  CHECK(s.outputs.size() == 0);
  CHECK(s.prompts.size() == 0);
}

TEST_CASE("an expected cost is written with all its digits, an unknown one as a question",
          "[exchange]") {
  CHECK(in_usd(36'900'000) == "0.036900000");
  CHECK(in_usd(0) == "0.000000000");
  CHECK(in_usd(12'000'000'001) == "12.000000001");
  CHECK(in_usd({}) == "?");
}
