#include "price/expected.hpp"

#include <optional>

#include "catch.hpp"
#include "price/rows.hpp"

using namespace ccrelay;
using namespace ccrelay::price;

using namespace ccrelay::testing;

namespace {

const PriceRow sonnet = row("", "sonnet", rates(2000, 10000, 2500, 4000, 100));

std::optional<std::int64_t> expected_of(const PriceRow& row, const Prospect& prospect,
                                        std::uint32_t factor = 1000,
                                        std::uint64_t row_factor = 1'000'000) {
  return expected(Price{&row, row_factor, {}}, prospect, factor);
}

}  // namespace

TEST_CASE("a prompt that nothing is known of is all input", "[price]") {
  CHECK(expected_of(sonnet, {.input = 50'000, .output = 350}) == 100'000'000 + 3'500'000);
  CHECK(expected_of(sonnet, {}) == 0);
}

TEST_CASE("what is warm is read, and what is only to be cached is written for five minutes",
          "[price]") {
  const Prospect warm{.input = 50'000, .output = 350, .warm = 40'000, .cached = 40'000};
  CHECK(expected_of(sonnet, warm) == 4'000'000 + 20'000'000 + 3'500'000);
  const Prospect cold{.input = 50'000, .output = 350, .cached = 40'000};
  CHECK(expected_of(sonnet, cold) == 100'000'000 + 20'000'000 + 3'500'000);
  // It has seen a part of the conversation.
  const Prospect lukewarm{.input = 50'000, .output = 350, .warm = 30'000, .cached = 40'000};
  CHECK(expected_of(sonnet, lukewarm) == 3'000'000 + 25'000'000 + 20'000'000 + 3'500'000);
  // Nothing of the request is to be cached, but something may be read all the same.
  const Prospect plain{.input = 50'000, .output = 350, .warm = 40'000};
  CHECK(expected_of(sonnet, plain) == expected_of(sonnet, warm));
}

TEST_CASE("a prompt that has become shorter is read or written as far as it goes", "[price]") {
  CHECK(expected_of(sonnet, {.input = 10'000, .warm = 40'000, .cached = 40'000}) == 1'000'000);
  CHECK(expected_of(sonnet, {.input = 10'000, .cached = 40'000}) == 25'000'000);
  CHECK(expected_of(sonnet, {.input = 10'000, .warm = 9000, .cached = 40'000}) ==
        900'000 + 2'500'000);
}

TEST_CASE("the rates for long prompts hold by the whole prompt, cached parts as well", "[price]") {
  PriceRow haiku = row("", "haiku", rates(100, 500, 125, 200, 10));
  haiku.long_prompt = PriceRow::Long{100'000, rates(500, 2500, 625, 1000, 50)};
  Prospect prospect{.input = 111'000, .output = 400, .warm = 90'000, .cached = 91'000};
  CHECK(expected_of(haiku, prospect) == 10'000'000 + 625'000 + 4'500'000 + 1'000'000);
  prospect.input = 100'000;
  CHECK(expected_of(haiku, prospect) == 900'000 + 125'000 + 900'000 + 200'000);
  prospect.input = 100'001;
  CHECK(expected_of(haiku, prospect) == 4'500'500 + 625'000 + 4'500'000 + 1'000'000);
}

TEST_CASE("all factors count, and one of 0 makes it free", "[price]") {
  const Prospect prospect{.input = 50'000, .output = 350, .warm = 40'000, .cached = 40'000};
  CHECK(expected_of(sonnet, prospect, 850) == 23'375'000);
  CHECK(expected_of(sonnet, prospect, 1000, 1'100'000) == 30'250'000);
  CHECK(expected_of(sonnet, prospect, 0) == 0);
}

TEST_CASE("a class without a price makes it unknown only where something falls into it",
          "[price]") {
  PriceRow plain = flat("", "plain", 1000);
  plain.rates[TokenClass::cache_write_5m].reset();
  plain.rates[TokenClass::cache_read].reset();
  CHECK(expected_of(plain, {.input = 10}) == 10'000);
  CHECK_FALSE(expected_of(plain, {.input = 10, .cached = 5}));
  CHECK_FALSE(expected_of(plain, {.input = 10, .warm = 5}));
}
