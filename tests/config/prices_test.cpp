#include <string>

#include "catch.hpp"
#include "config/documentation.hpp"
#include "price/table.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

namespace {

const std::string row = "[[prices]]\nmodels = [\"m\"]\n";  // two lines

Config loaded(const std::string& toml) {
  auto config = parse_config(toml, "c.toml", variables());
  if (!config) FAIL(config.error().message);
  return *std::move(config);
}

std::uint64_t pico(const TokenRates& rates, TokenClass which) {
  return rates[which].value();
}

constexpr auto whole = R"([[prices]]
provider = "anthropic"
models = ["claude-sonnet-5-5", "claude-sonnet-5-5-*"]
from = 2026-10-07
input = 2.00
output = 10
cache_write_5m = 2.50
cache_write_1h = 4.00
cache_read = 0.10
web_search = 10.00
fast = { input = 8.0, output = 40.0, cache_write_5m = 10.0, cache_write_1h = 16.0, cache_read = 0.4 }
geo = { us = 1.1, "e u" = 0.925 }
long = { above = 100000, input = 0.000001, output = 2.5 }
source = "https://example.com/$$"
checked = 2026-11-10
factor = 1.05
[[prices]]
models = ["arn:aws:*"]
same_as = "claude-sonnet-5-5"
factor = 1.1
)";

}  // namespace

TEST_CASE("every figure of a price arrives as a whole number", "[config]") {
  const auto prices = loaded(whole).prices;
  REQUIRE(prices.size() == 2);
  const PriceRow& one = prices[0];
  CHECK(one.provider == "anthropic");
  CHECK(one.models == std::vector<std::string>{"claude-sonnet-5-5", "claude-sonnet-5-5-*"});
  CHECK(one.from == price::parse_day("2026-10-07"));
  CHECK(pico(one.rates, TokenClass::input) == 2'000'000);
  CHECK(pico(one.rates, TokenClass::output) == 10'000'000);
  CHECK(pico(one.rates, TokenClass::cache_write_5m) == 2'500'000);
  CHECK(pico(one.rates, TokenClass::cache_write_1h) == 4'000'000);
  CHECK(pico(one.rates, TokenClass::cache_read) == 100'000);
  CHECK(one.web_search == 10'000'000u);
  REQUIRE(one.fast);
  CHECK(pico(*one.fast, TokenClass::input) == 8'000'000);
  CHECK(pico(*one.fast, TokenClass::cache_read) == 400'000);
  CHECK(one.geo == std::map<std::string, std::uint32_t>{{"us", 1100}, {"e u", 925}});
  REQUIRE(one.long_prompt);
  CHECK(one.long_prompt->above == 100'000);
  CHECK(pico(one.long_prompt->rates, TokenClass::input) == 1);
  CHECK(pico(one.long_prompt->rates, TokenClass::output) == 2'500'000);
  CHECK_FALSE(one.long_prompt->rates[TokenClass::cache_read]);
  CHECK(one.source == "https://example.com/$");
  CHECK(one.checked == price::parse_day("2026-11-10"));
  CHECK(one.factor == 1050);
  CHECK(one.same_as.empty());
  CHECK(prices[1].provider.empty());
  CHECK(prices[1].same_as == "claude-sonnet-5-5");
  CHECK(prices[1].factor == 1100);
  CHECK_FALSE(prices[1].from);
  CHECK_FALSE(prices[1].rates.any());
}

TEST_CASE("prices that are shown can be read again and are the same", "[config]") {
  const Config config = loaded(whole);
  const Config again = loaded(show_config(config));
  CHECK(again.prices == config.prices);
  CHECK(show_config(again) == show_config(config));
}

TEST_CASE("a provider's price factor has thousandths", "[config]") {
  const std::string provider = "[[providers]]\nname = \"a\"\ntype = \"ollama\"\n";
  CHECK(loaded(provider).providers[0].price_factor == 1000);
  CHECK(loaded(provider + "price_factor = 0.85").providers[0].price_factor == 850);
  CHECK(loaded(provider + "price_factor = 0").providers[0].price_factor == 0);
  CHECK(said_about(provider + "price_factor = 0.8505") ==
        "c.toml:4:16: providers[0].price_factor 0.8505 has more than 3 decimal places; write at "
        "most so many");
  CHECK(said_about(provider + "price_factor = 101") ==
        "c.toml:4:16: providers[0].price_factor 101 is out of range; allowed: 0 to 100");
  CHECK(said_about(provider + "price_factor = \"1\"") ==
        "c.toml:4:16: providers[0].price_factor is a string; a number from 0 to 100 is needed, "
        "such as 2.5");
}

TEST_CASE("a mistake in a price is said with its place and what to write", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const Case cases[] = {
      {row + "input = 0.1234567",
       "3:9: prices[0].input 0.1234567 has more than 6 decimal places; write at most so many"},
      {row + "output = -1", "3:10: prices[0].output -1 is out of range; allowed: 0 to 1000000"},
      {row + "cache_read = inf",
       "3:14: prices[0].cache_read is no finite number; write one such as 2.5"},
      {row + "cache_write_5m = \"2\"",
       "3:18: prices[0].cache_write_5m is a string; a number from 0 to 1000000 is needed, such as "
       "2.5"},
      {row + "cache_write_1h = 1000000.5",
       "3:18: prices[0].cache_write_1h 1000000.5 is out of range; allowed: 0 to 1000000"},
      {row + "web_search = true",
       "3:14: prices[0].web_search is a boolean; a number from 0 to 1000000 is needed, such as "
       "2.5"},
      {row + "fast = 2", "3:8: prices[0].fast is an integer; a table ([prices[0].fast]) is needed"},
      {row + "fast = {}", "3:8: prices[0].fast has no price; write input = 2.5, or remove it"},
      {row + "fast = { inputs = 1 }",
       "3:10: prices[0].fast.inputs is unknown; did you mean \"input\"?"},
      {row + "long = { input = 1 }",
       "3:8: prices[0].long.above is missing; it says beyond how many tokens a prompt has these "
       "prices"},
      {row + "long = { above = 0, input = 1 }",
       "3:18: prices[0].long.above 0 is out of range; allowed: 1 to 1000000000"},
      {row + "input = 1\ngeo = { us = \"x\" }",
       "4:14: prices[0].geo.us is a string; a number from 0 to 100 is needed, such as 2.5"},
      {row + "input = 1\nfactor = 1.0001",
       "4:10: prices[0].factor 1.0001 has more than 3 decimal places; write at most so many"},
      {row + "input = 1\nfrom = \"2026-10-07\"",
       "4:8: prices[0].from is a string; a date without quotes is needed, such as 2026-10-07"},
      {row + "input = 1\nfrom = 2026-10-07T00:00:00Z",
       "4:8: prices[0].from is a time; a date without quotes is needed, such as 2026-10-07"},
      {row + "input = 1\nchecked = 5",
       "4:11: prices[0].checked is an integer; a date without quotes is needed, such as "
       "2026-10-07"},
      {row + "input = 1\nsource = 5", "4:10: prices[0].source is an integer; a string is needed"},
      {row + "inptu = 1", "3:1: prices[0].inptu is unknown; did you mean \"input\"?"},
      {row + "input = 1\nmodel = \"m\"",
       "4:1: prices[0].model is unknown; prices.models is meant; write models = [\"…\"]"},
      {row,
       "1:1: prices[0] has no price; write input = 2.5 and what else it has, in USD per million "
       "tokens, or same_as = \"a model\""},
      {"[[prices]]\ninput = 1",
       "1:1: prices[0].models is missing; write the models that have this price, such as "
       "[\"qwen3-*\"]"},
      {"[[prices]]\ninput = 1\nmodels = [\"\"]",
       "3:11: prices[0].models[0] names no model; write a model, or the beginning of some and "
       "\"*\""},
      {"[[prices]]\ninput = 1\nmodels = [\"a\", \"a*b\"]",
       "3:16: prices[0].models[1] \"a*b\" has a \"*\" that is not at its end; only there it stands "
       "for any text"},
      {"[[prices]]\ninput = 1\nmodels = \"m\"",
       "3:10: prices[0].models is a string; an array of strings is needed"},
      {row + "input = 1\nsame_as = \"claude-opus-5-5\"",
       "4:11: prices[0].same_as stands beside prices, which it would have from that model; remove "
       "one of them"},
      {row + "same_as = \"claude-opus-5.5\"",
       "3:11: prices[0].same_as \"claude-opus-5.5\" has no price; did you mean "
       "\"claude-opus-5-5\"?"},
      {row + "same_as = \"m\"",
       "3:11: prices[0].same_as \"m\" leads back to this row; name a model that has prices of its "
       "own"},
      {row + "same_as = \"n\"\n[[prices]]\nmodels = [\"n\"]\nsame_as = \"m\"",
       "3:11: prices[0].same_as \"n\" leads back to this row; name a model that has prices of its "
       "own\nc.toml:6:11: prices[1].same_as \"m\" leads back to this row; name a model that has "
       "prices of its own"},
      {row + "input = 1\n[[prices]]\nmodels = [\"x\", \"M\"]\ninput = 2",
       "5:16: prices[1].models[1] \"M\" has a price from the same day on in prices[0]; remove one "
       "of them, or write another from"},
      {"[prices]\ninput = 1", "1:2: prices is a table; write [[prices]], in two brackets"},
      {"prices = 1",
       "1:10: prices is an integer; write [[prices]] and below it its settings, for each of them"},
      {"pricing.prices_fil = \"x\"",
       "1:9: pricing.prices_fil is unknown; did you mean \"prices_file\"?"},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == "c.toml:" + message);
  }
}

TEST_CASE("rows that differ in provider or day stand beside each other", "[config]") {
  CHECK(said_about(row +
                   "input = 1\n[[prices]]\nmodels = [\"m\"]\nprovider = \"zai\"\ninput = 2\n" +
                   row + "from = 2026-10-07\ninput = 3") == "ok");
}

TEST_CASE("an alias may name a shipped price, and stand for everything of a provider", "[config]") {
  CHECK(said_about(row + "same_as = \"claude-opus-5-5\"") == "ok");
  CHECK(said_about("[[prices]]\nprovider = \"azure\"\nmodels = [\"*\"]\nsame_as = "
                   "\"claude-opus-5-5\"") == "ok");
}

TEST_CASE("a program's own prices are checked as a file's", "[config]") {
  Config config;
  PriceRow& own = config.prices.emplace_back();
  own.rates[TokenClass::input] = 1'000'000'000'001;
  own.factor = 100'001;
  config.pricing.file_prices.emplace_back().models = {"m"};
  const auto result = validate(config);
  REQUIRE_FALSE(result);
  CHECK(result.error().message ==
        "prices[0].models is missing; write the models that have this price, such as "
        "[\"qwen3-*\"]\nprices[0].input is out of range; allowed: 0 to 1000000\nprices[0].factor "
        "100.001 is out of range; allowed: 0 to 100\npricing.prices_file: prices[0] has no price; "
        "write input = 2.5 and what else it has, in USD per million tokens, or same_as = \"a "
        "model\"");
}

TEST_CASE("there are limits to how many prices there may be", "[config]") {
  Config config;
  PriceRow priced;
  priced.rates[TokenClass::input] = 1;
  for (int i = 0; i < 1000; ++i) {
    priced.models = {"m" + std::to_string(i)};
    config.prices.push_back(priced);
  }
  CHECK(validate(config));
  for (int i = 0; i < 9000; ++i) config.prices[0].models.push_back("n" + std::to_string(i));
  CHECK(validate(config));
  config.prices[0].models.emplace_back("one too many");
  auto result = validate(config);
  REQUIRE_FALSE(result);
  CHECK(result.error().message ==
        "prices are 1000 for 10001 models; at most 1000 for 10000 are allowed");
  config.prices[0].models.resize(1);
  priced.models = {"o"};
  config.prices.push_back(priced);
  result = validate(config);
  REQUIRE_FALSE(result);
  CHECK(result.error().message ==
        "prices are 1001 for 1001 models; at most 1000 for 10000 are allowed");
}

TEST_CASE("a row that can't be meant so is warned about", "[config]") {
  const auto warned = [](const std::string& lines) {
    std::string all;
    for (const auto& warning : warnings_of(
             loaded("[[providers]]\nname = \"mine\"\ntype = \"ollama\"\n[[prices]]\ninput = 1\n" +
                    lines))) {
      all += warning;
    }
    return all;
  };
  const std::string models = "models = [\"m\"]\n";
  CHECK(warned(models).empty());
  CHECK(warned(models + "provider = \"Mine\"").empty());
  CHECK(warned(models + "provider = \"bedrock\"").empty());
  CHECK(warned(models + "provider = \"deepseek\"").empty());  // a profile
  CHECK(warned(models + "provider = \"antropic\"") ==
        "prices[0].provider \"antropic\" is no provider's name, type or profile, so this row has "
        "no effect; did you mean \"anthropic\"?");
  // The shipped row would be found first.
  const std::string opus = "models = [\"x\", \"Claude-Opus-5\"]\n";
  CHECK(warned(opus) ==
        "prices[0] is for any provider, and for anthropic the relay's own price of "
        "\"Claude-Opus-5\" goes before it; write provider = \"anthropic\"");
  CHECK(warned(opus + "provider = \"anthropic\"").empty());
}

TEST_CASE("the manual has every setting of a price", "[config]") {
  const auto docs = test::text_of("docs/configuration.md");
  for (const std::string name :
       {"prices_file", "price_factor", "provider", "models", "from", "input", "output",
        "cache_write_5m", "cache_write_1h", "cache_read", "web_search", "fast", "long", "geo",
        "same_as", "factor", "source", "checked"}) {
    CAPTURE(name);
    CHECK(test::begins_a_row(docs, name));
  }
}
