// The short way to the shipped prices says what the long one does, or nothing.

#include "price/plain_prices.hpp"

#include <string>

#include "catch.hpp"
#include "config/read_prices.hpp"
#include "price/shipped.hpp"
#include "price/table.hpp"

using namespace ccrelay;

namespace {

std::vector<PriceRow> as_toml(std::string_view text) {
  config::Findings findings;
  auto rows = config::parse_prices(
      text, [](auto) { return std::nullopt; }, findings);
  CHECK(findings.mistakes.empty());
  return rows;
}

}  // namespace

TEST_CASE("the shipped prices are plain, and mean what they mean as TOML", "[config]") {
  const auto plain = price::read_plain(price::shipped_text());
  REQUIRE(plain);
  const auto rows = as_toml(price::shipped_text());
  REQUIRE(plain->size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i, rows[i].models.at(0));
    CHECK((*plain)[i] == rows[i]);
  }
  CHECK(shipped_prices() == rows);
}

TEST_CASE("every key of a plain row is read as TOML reads it", "[config]") {
  const std::string text =
      "# A comment\n\n[[prices]]\nprovider = \"p\"\nmodels = [\"a\", \"b-*\"]\nfrom = 2026-10-07\n"
      "input = 3\noutput = 0.25\ncache_write_5m = 12.5\ncache_write_1h = 0.000001\n"
      "cache_read = 0.0\nweb_search = 10.5\nfast = { input = 8.0, output = 40.0 }\n"
      "long = { above = 200000, input = 6.0, cache_read = 0.6 }\ngeo = { us = 1.1, eu = 1.25 }\n"
      "factor = 1.125\nsource = \"https://x\"\nchecked = 2026-11-10\n"
      "[[prices]]\nmodels = [\"c\"]\nsame_as = \"a\"";
  const auto plain = price::read_plain(text);
  REQUIRE(plain);
  CHECK(*plain == as_toml(text));
  CHECK(plain->size() == 2);
  CHECK(plain->front().rates[TokenClass::cache_write_1h] == 1);
  CHECK(price::read_plain("") == std::vector<PriceRow>{});
}

TEST_CASE("what is not plain is not read at all", "[config]") {
  for (const std::string line : {
           "input = 1.0 # so much",
           "input = 1e3",
           "input = +1.0",
           "input = 0.0000001",
           "input = 1234567890123456",
           "input = .5",
           "input =",
           "input",
           "unknown = 1",
           "source = \"a\\u0041\"",
           "source = \"${HOME}\"",
           "source = 'x'",
           "source = \"x",
           "source = \"x\" y",
           "models = []",
           "models = [\"a\",",
           "models = [\"a\" \"b\"]",
           "from = 2026-02-30",
           "from = 2026-10-07T00:00:00Z",
           "geo = { us = 1.1",
           "geo = { us 1.1 }",
           "fast = { above = 3 }",
           "geo.us = 1.1",
           "[prices.geo]",
           "  [[prices]]",
       }) {
    CAPTURE(line);
    CHECK_FALSE(price::read_plain("[[prices]]\nmodels = [\"m\"]\n" + line + "\n"));
  }
  CHECK_FALSE(price::read_plain("input = 1.0\n"));
  CHECK_FALSE(price::read_plain("[[prices]]\r\nmodels = [\"m\"]\r\n"));
}
