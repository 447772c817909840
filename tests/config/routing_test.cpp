#include "catch.hpp"
#include "documentation.hpp"
#include "route/strategies.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

namespace {

const std::string providers =
    "[[providers]]\nname = \"local\"\ntype = \"ollama\"\n"
    "[[providers]]\nname = \"spare\"\ntype = \"ollama\"\nenabled = false\n";

/// What is said about [routing] with these lines, which begin at the second.
std::string said_about_routing(const std::string& lines) {
  return said_about("[routing]\n" + lines + "\n" + providers);
}

}  // namespace

TEST_CASE("every strategy may be written, and is made of what is written", "[config]") {
  for (const auto& strategy : route::strategies()) {
    CAPTURE(strategy.name);
    std::string lines = "strategy = \"" + std::string(strategy.name) + '"';
    if (strategy.maps_models) {
      CHECK(said_about_routing(lines) != "ok");
      lines += "\ndefault_provider = \"local\"";
    }
    CHECK(said_about_routing(lines) == "ok");
  }
}

TEST_CASE("whoever writes another strategy is told of each there is", "[config]") {
  const auto said = said_about_routing("strategy = \"fastest\"");
  for (const auto& strategy : route::strategies()) {
    CAPTURE(strategy.name);
    CHECK((said + ',').find(' ' + std::string(strategy.name) + ',') != std::string::npos);
  }
}

TEST_CASE("the template and the documentation tell of every strategy", "[config]") {
  const auto docs = test::text_of("docs/configuration.md"), readme = test::text_of("README.md");
  const std::string shown(config_template());
  for (const auto& strategy : route::strategies()) {
    CAPTURE(strategy.name);
    const std::string name(strategy.name);
    CHECK(test::begins_a_row(docs, name));
    CHECK(test::begins_a_row(readme, name));
    CHECK(shown.find("\n#   " + name + ' ') != std::string::npos);
  }
}

TEST_CASE("an empty strategy is the default", "[config]") {
  const auto config = parse_config("[routing]\nstrategy = \"\"", "c.toml", variables());
  REQUIRE(config);
  CHECK(config->routing.strategy == "failover");
}

TEST_CASE("model_based needs to know at least one provider", "[config]") {
  const std::string message =
      "routing.model_mapping is empty, and strategy \"model_based\" needs it; write into it the "
      "beginning of a model's name = a provider, or set routing.default_provider";
  CHECK(said_about_routing("strategy = \"model_based\"") == "c.toml:1:1: " + message);
  CHECK(said_about_routing("strategy = \"model_based\"\nmodel_mapping = {}") ==
        "c.toml:3:17: " + message);
  CHECK(said_about_routing("strategy = \"model_based\"\nmodel_mapping = { a = \"local\" }") ==
        "ok");
}

TEST_CASE("a mapping that can't be read is not called empty as well", "[config]") {
  CHECK(said_about_routing("strategy = \"model_based\"\nmodel_mapping = { a = 1 }") ==
        "c.toml:3:23: routing.model_mapping.a is an integer; a string is needed");
  CHECK(said_about_routing("strategy = \"model_based\"\nmodel_mapping = { a = \"${X}\" }") ==
        "c.toml:3:23: routing.model_mapping.a: environment variable X is not set; set it, or write "
        "${X:-default}");
}

TEST_CASE("model_based names providers that there are", "[config]") {
  struct Case {
    std::string lines, message;
  };
  const Case cases[] = {
      {"default_provider = \"lokal\"",
       "3:20: routing.default_provider \"lokal\" is no configured provider; did you mean "
       "\"local\"? (one of: local, spare)"},
      {"model_mapping = { \"glm-4.7\" = \"zai\" }",
       "3:31: routing.model_mapping.glm-4.7 \"zai\" is no configured provider; one of: local, "
       "spare"},
      {"model_mapping = { qwen = \"\" }",
       "3:26: routing.model_mapping.qwen \"\" is no configured provider; one of: local, spare"},
      {"model_mapping = { \"qwen-*\" = \"local\" }",
       "3:30: routing.model_mapping.qwen-* has a \"*\", which no model has; the beginning is "
       "enough, write \"qwen-\""},
      {"model_mapping = { qwen = \"spare\" }",
       "3:26: routing.model_mapping.qwen names \"spare\", which is disabled, so nobody would "
       "answer; enable it, name another provider, or set routing.model_fallback = true"},
      {"default_provider = \"spare\"",
       "3:20: routing.default_provider names \"spare\", which is disabled, so nobody would answer; "
       "enable it, name another provider, or set routing.model_fallback = true"},
  };
  for (const auto& [lines, message] : cases) {
    CAPTURE(lines);
    CHECK(said_about_routing("strategy = \"model_based\"\n" + lines) == "c.toml:" + message);
  }
  CHECK(said_about("[routing]\nstrategy = \"model_based\"\ndefault_provider = \"a\"") ==
        "c.toml:3:20: routing.default_provider \"a\" is no configured provider; add it to "
        "[[providers]]");
}

TEST_CASE("a disabled provider may be named when the others can stand in", "[config]") {
  CHECK(said_about_routing("strategy = \"model_based\"\nmodel_fallback = true\n"
                           "default_provider = \"spare\"\nmodel_mapping = { a = \"spare\" }") ==
        "ok");
}

TEST_CASE("what is for model_based loads unlooked at with another strategy", "[config]") {
  const auto config = parse_config(
      "[routing]\ndefault_provider = \"x\"\nmodel_fallback = true\nmodel_mapping = { \"a*\" = "
      "\"y\" }",
      "c.toml", variables());
  if (!config) FAIL(config.error().message);
  CHECK(config->routing.default_provider == "x");
  CHECK(config->routing.model_mapping.at("a*") == "y");
}
