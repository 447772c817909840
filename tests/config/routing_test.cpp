#include "catch.hpp"
#include "route/make_router.hpp"
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

TEST_CASE("every strategy that may be written can be made", "[config]") {
  for (const std::string word : {"failover", "round_robin", "weighted_round_robin", "shuffle",
                                 "least_loaded", "weighted_failover", "latency_based"}) {
    CAPTURE(word);
    CHECK(said_about_routing("strategy = \"" + word + "\"") == "ok");
    CHECK(route::make_router({word, {}, {}, false}));
  }
  CHECK(said_about_routing("strategy = \"model_based\"\ndefault_provider = \"local\"") == "ok");
  CHECK(route::make_router({"model_based", {}, "local", false}));
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
