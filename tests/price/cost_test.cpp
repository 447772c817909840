#include "price/cost.hpp"

#include <limits>

#include "catch.hpp"
#include "price/rows.hpp"

using namespace ccrelay;
using namespace ccrelay::price;
using namespace ccrelay::testing;

namespace {

PriceRow sonnet() {
  PriceRow made = row("anthropic", "claude-sonnet-5-5", rates(2000, 10000, 2500, 4000, 100));
  made.web_search = 10'000'000;  // $10 for a thousand
  made.geo = {{"us", 1100}};
  made.fast = rates(8000, 40000, 10000, 16000, 400);
  return made;
}

PriceRow haiku() {
  PriceRow made = row("anthropic", "claude-haiku-5-5", rates(100, 500, 125, 200, 10));
  made.long_prompt = PriceRow::Long{100'000, rates(500, 2500, 625, 1000, 50)};
  return made;
}

Used used(std::uint64_t input, std::uint64_t output, std::uint64_t write_5m, std::uint64_t write_1h,
          std::uint64_t read) {
  Used made;
  made.tokens = {input, output, write_5m, write_1h, read};
  return made;
}

std::optional<std::int64_t> cost_of(const PriceRow& row, const Used& used,
                                    std::uint32_t factor = 1000,
                                    std::uint64_t row_factor = 1'000'000) {
  return cost(Price{&row, row_factor, {}}, used, factor);
}

}  // namespace

TEST_CASE("every class has its price, and searches theirs", "[price]") {
  Used charge = used(1200, 350, 2000, 500, 40'000);
  charge.web_searches = 2;
  CHECK(cost_of(sonnet(), charge) == 36'900'000);
  charge.geo = "us";  // on tokens alone
  CHECK(cost_of(sonnet(), charge) == 38'590'000);
  charge.geo = "global";
  CHECK(cost_of(sonnet(), charge) == 36'900'000);
}

TEST_CASE("beyond the limit every token of the request has the rates of a long prompt", "[price]") {
  CHECK(cost_of(haiku(), used(20'000, 400, 1000, 0, 90'000)) == 16'125'000);
  CHECK(cost_of(haiku(), used(20'000, 400, 1000, 0, 79'000)) == 3'115'000);  // 100 000 exactly
  CHECK(cost_of(haiku(), used(20'000, 400, 1000, 0, 79'001)) == 15'575'050);
}

TEST_CASE("a charge is rounded once, half away from zero", "[price]") {
  Used charge = used(0, 0, 3, 0, 0);
  const PriceRow at_haiku = haiku();
  CHECK(cost_of(at_haiku, charge, 1100) == 413);  // 412.5
  CHECK(cost_of(at_haiku, charge, 1000, 1'100'000) == 413);
  CHECK(cost_of(at_haiku, charge, 1099) == 412);  // 412.125
  PriceRow cheap = flat("", "m", 0);
  cheap.rates[TokenClass::input] = 1;  // a pico
  CHECK(cost_of(cheap, used(499, 0, 0, 0, 0)) == 0);
  CHECK(cost_of(cheap, used(500, 0, 0, 0, 0)) == 1);
}

TEST_CASE("a provider's factor may be a discount or nothing at all", "[price]") {
  CHECK(cost_of(sonnet(), used(1'000'000, 0, 0, 0, 0), 850) == 1'700'000'000);
  CHECK(cost_of(sonnet(), used(1'000'000, 0, 0, 0, 0), 0) == 0);
}

TEST_CASE("a class without a price makes the cost unknown, one that is priced at 0 does not",
          "[price]") {
  PriceRow partly = sonnet();
  partly.rates[TokenClass::cache_write_1h].reset();
  CHECK(cost_of(partly, used(10, 10, 10, 0, 10)));
  CHECK_FALSE(cost_of(partly, used(10, 10, 10, 1, 10)));
  partly.rates[TokenClass::cache_write_1h] = 0;
  CHECK(cost_of(partly, used(10, 10, 10, 1, 10)) == cost_of(partly, used(10, 10, 10, 0, 10)));
  Used searched = used(10, 0, 0, 0, 0);
  searched.web_searches = 1;
  partly.web_search.reset();
  CHECK_FALSE(cost_of(partly, searched));
}

TEST_CASE("what was not told costs nothing, unless nothing was told", "[price]") {
  Used charge;
  CHECK_FALSE(cost_of(sonnet(), charge));
  charge.tokens[0] = 0;
  CHECK(cost_of(sonnet(), charge) == 0);
  charge.tokens[0] = 1000;
  CHECK(cost_of(sonnet(), charge) == 2'000'000);
}

TEST_CASE("a speed or a tier without rates makes the cost unknown", "[price]") {
  Used charge = used(1000, 0, 0, 0, 0);
  charge.speed = "standard";
  charge.service_tier = "standard";
  CHECK(cost_of(sonnet(), charge) == 2'000'000);
  charge.speed = "fast";
  CHECK(cost_of(sonnet(), charge) == 8'000'000);
  CHECK_FALSE(cost_of(haiku(), charge));
  charge.speed = "slow";
  CHECK_FALSE(cost_of(sonnet(), charge));
  charge.speed = {};
  for (const auto* tier : {"priority", "batch", "flex"}) {
    charge.service_tier = tier;
    CHECK_FALSE(cost_of(sonnet(), charge));
  }
}

TEST_CASE("what no 64 bits hold is unknown, never less", "[price]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK_FALSE(cost_of(sonnet(), used(most, 0, 0, 0, 0)));
  CHECK_FALSE(cost_of(haiku(), used(most, 1, most, 0, 0)));
  Used searched = used(1, 0, 0, 0, 0);
  searched.web_searches = most;
  CHECK_FALSE(cost_of(sonnet(), searched));
  // The largest that fits: 9223372036854775807 nano-USD at a nano-USD a token.
  PriceRow nano = flat("", "m", 1);
  CHECK(cost_of(nano, used(std::numeric_limits<std::int64_t>::max(), 0, 0, 0, 0)) ==
        std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(
      cost_of(nano, used(std::uint64_t{std::numeric_limits<std::int64_t>::max()} + 1, 0, 0, 0, 0)));
}
