#include <string>

#include "catch.hpp"
#include "price/table_of.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

namespace {

const std::string names_it = "[pricing]\nprices_file = \"prices.toml\"\n";

std::string priced(const std::string& model, const std::string& input) {
  return "[[prices]]\nprovider = \"anthropic\"\nmodels = [\"" + model + "\"]\ninput = " + input +
         "\n";
}

// The input rate in pico-USD, at the table of this configuration.
std::optional<std::uint64_t> input_of(const Config& config, std::string_view model) {
  const auto table = price::table_of(config);
  const auto found =
      table->find({"a", "anthropic", model, {}}, price::parse_day("2026-11-29").value());
  if (!found) return std::nullopt;
  return found->row->rates[TokenClass::input];
}

}  // namespace

TEST_CASE("the configuration's prices go before its file's, and those before the shipped",
          "[config]") {
  const test::ScratchDirectory folder;
  folder.write("prices.toml", priced("claude-opus-5", "7") + priced("claude-opus-4-8", "8") +
                                  priced("${MODEL}", "9"));
  const auto path = folder.write("config.toml", names_it + priced("claude-opus-5", "6"));
  const auto config = load_config(path, variables({{"MODEL", "mine"}}));
  if (!config) FAIL(config.error().message);
  CHECK(config->pricing.prices_file == folder.path() + "/prices.toml");
  CHECK(config->prices.size() == 1);
  CHECK(config->pricing.file_prices.size() == 3);
  CHECK(input_of(*config, "claude-opus-5") == 6'000'000u);
  CHECK(input_of(*config, "claude-opus-4-8") == 8'000'000u);
  CHECK(input_of(*config, "mine") == 9'000'000u);
  CHECK(input_of(*config, "claude-opus-4-7") == 5'000'000u);
  CHECK_FALSE(input_of(*config, "unheard-of"));
  // The rows of the file are the file's: they are not shown as if they stood in the configuration.
  CHECK(show_config(*config).find("claude-opus-4-8") == std::string::npos);
}

TEST_CASE("mistakes in a file of prices are told with its name and lines, behind one's own",
          "[config]") {
  const test::ScratchDirectory folder;
  const auto prices = folder.write(
      "prices.toml", "[server]\n" + priced("m", "-1") +
                         "[[prices]]\nmodels = [\"n\"]\nsame_as = \"claude-opus-5-6\"\n");
  const auto path = folder.write("config.toml", "[server]\nworkers = 0\n" + names_it);
  const auto config = load_config(path, variables());
  REQUIRE_FALSE(config);
  CHECK(config.error().message ==
        path + ":2:11: server.workers 0 is out of range; allowed: 1 to 64\n" +  //
            prices + ":1:2: server is unknown; one of: prices\n" +              //
            prices + ":5:9: prices[0].input -1 is out of range; allowed: 0 to 1000000\n" + prices +
            ":8:11: prices[1].same_as \"claude-opus-5-6\" has no price; did you mean "
            "\"claude-opus-5-5\"?");
  const auto leniently = load_config_leniently(path, variables());
  REQUIRE(leniently);
  CHECK(leniently->mistakes == config.error().message);
}

TEST_CASE("a file of prices alone may be wrong, or no TOML at all", "[config]") {
  const test::ScratchDirectory folder;
  const auto path = folder.write("config.toml", names_it);
  const auto prices = folder.write("prices.toml", "[[prices\n");
  const auto broken = load_config(path, variables());
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.starts_with(prices + ":1:"));
  CHECK(broken.error().message.find("not valid TOML") != std::string::npos);
  // An alias of what it would have had is no mistake beside it.
  folder.write("config.toml", names_it + "[[prices]]\nmodels = [\"a\"]\nsame_as = \"m\"\n");
  const auto again = load_config(path, variables());
  REQUIRE_FALSE(again);
  CHECK(again.error().message == broken.error().message);
  folder.write("prices.toml", priced("m", "1"));
  CHECK(load_config(path, variables()));  // read again with the configuration
}

TEST_CASE("a file of prices that can't be read is told at the setting", "[config]") {
  const test::ScratchDirectory folder;
  const auto path = folder.write("config.toml", names_it);
  const auto absent = load_config(path, variables());
  REQUIRE_FALSE(absent);
  const std::string where = path + ":2:15: pricing.prices_file \"" + folder.path();
  CHECK(absent.error().message ==
        where + "/prices.toml\" cannot be read; check that it exists and is readable");
  folder.write("config.toml", "[pricing]\nprices_file = \".\"\n");
  const auto is_folder = load_config(path, variables());
  REQUIRE_FALSE(is_folder);
  CHECK(is_folder.error().message == where + "/.\" is a directory; name a file of [[prices]]");
}

TEST_CASE("an alias may lead from the configuration into its file and back", "[config]") {
  const test::ScratchDirectory folder;
  folder.write("prices.toml", "[[prices]]\nmodels = [\"b\"]\nsame_as = \"c\"\n");
  const auto path = folder.write(
      "config.toml", names_it +
                         "[[prices]]\nmodels = [\"a\"]\nsame_as = \"b\"\n[[prices]]\nmodels = "
                         "[\"c\"]\ninput = 3\n");
  const auto config = load_config(path, variables());
  if (!config) FAIL(config.error().message);
  CHECK(input_of(*config, "a") == 3'000'000u);
}
