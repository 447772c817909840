#include <map>
#include <string>

#include "catch.hpp"
#include "route/candidates.hpp"

using namespace ccrelay;
using namespace ccrelay::route;

namespace {

const std::map<std::string, std::string> mapping{
    {"claude", "a"}, {"claude-opus", "b"}, {"glm-4", "c"}};

std::string providers_for(std::string_view model, const std::vector<RouteCandidate>& candidates,
                          std::string default_provider = "", bool fallback = false) {
  const auto router = made("model_based", {"", mapping, std::move(default_provider), fallback});
  return ordered(*router, candidates, asking(0, model));
}

}  // namespace

TEST_CASE("a model goes to the provider with the longest prefix it begins with", "[route]") {
  struct Case {
    std::string_view model, provider;
  };
  const Case cases[] = {
      {"claude-sonnet-5", "a"}, {"claude-opus-5", "b"}, {"claude-opus", "b"}, {"claude-opu", "a"},
      {"claude", "a"},          {"glm-4.6", "c"},       {"glm-40", "c"},
  };
  for (const Case& each : cases) {
    INFO(each.model);
    CHECK(providers_for(each.model, named({"a", "b", "c", "d"})) == each.provider);
  }
}

TEST_CASE("a model without a match goes to the default provider", "[route]") {
  for (const std::string_view model : {"qwen3", "claud", "my-claude", "glm-", ""}) {
    INFO(model);
    CHECK(providers_for(model, named({"a", "b", "c", "d"}), "d") == "d");
  }
}

TEST_CASE("upper and lower case of models differ", "[route]") {
  CHECK(providers_for("Claude-opus", named({"a", "b", "d"}), "d") == "d");
  CHECK(providers_for("GLM-4", named({"a", "c"})) == "ac");
}

TEST_CASE("without a match and a default all are asked by priority", "[route]") {
  auto candidates = named({"a", "b", "c"});
  candidates[2].priority = 1;
  for (const bool fallback : {false, true}) {
    CHECK(providers_for("qwen3", candidates, "", fallback) == "cab");
  }
  CHECK(ordered(*made("model_based"), candidates, asking(0, "claude-opus-5")) == "cab");
}

TEST_CASE("with fallback the others follow by priority", "[route]") {
  auto candidates = named({"a", "b", "c", "d"});
  candidates[3].priority = 1;
  CHECK(providers_for("claude-opus-5", candidates, "", true) == "bdac");
  CHECK(providers_for("qwen3", candidates, "c", true) == "cdab");
}

TEST_CASE("a mapped provider that can't be asked leaves the others only with fallback", "[route]") {
  // In the older relay nobody else was asked, whatever was wanted.
  const auto candidates = named({"a", "c", "d"});
  CHECK(providers_for("claude-opus-5", candidates) == "");
  CHECK(providers_for("claude-opus-5", candidates, "", true) == "acd");
  // The default is for models that match nothing, not for providers that are down.
  CHECK(providers_for("claude-opus-5", candidates, "d") == "");
  CHECK(providers_for("qwen3", candidates, "x") == "");
  CHECK(providers_for("qwen3", candidates, "x", true) == "acd");
}

TEST_CASE("the empty prefix matches every model and is the shortest", "[route]") {
  const auto candidates = named({"a", "b", "d"});
  const auto router = made("model_based", {"", {{"", "a"}, {"glm", "b"}}, "d", false});
  CHECK(ordered(*router, candidates, asking(0, "qwen3")) == "a");
  CHECK(ordered(*router, candidates, asking(0, "")) == "a");
  CHECK(ordered(*router, candidates, asking(0, "glm-5")) == "b");
}

TEST_CASE("no home goes before the provider that a model is mapped to", "[route]") {
  const auto candidates = named({"a", "b"});
  const auto router = made("model_based", {"", mapping, "", true});
  CHECK_FALSE(router->may_lead(asking(0, "claude-x"), candidates[1], candidates[0]));
  CHECK(router->may_lead(asking(0, "qwen3"), candidates[1], candidates[0]));
  const auto with_default = made("model_based", {"", mapping, "d", true});
  CHECK_FALSE(with_default->may_lead(asking(0, "qwen3"), candidates[1], candidates[0]));
}

TEST_CASE("of those whose breaker is open only the mapped one follows, or all with fallback",
          "[route]") {
  const auto candidates = named({"a", "c"});
  const auto alone = made("model_based", {"", mapping, "", false});
  CHECK(alone->may_follow(asking(0, "claude-x"), candidates[0]));
  CHECK_FALSE(alone->may_follow(asking(0, "claude-x"), candidates[1]));
  CHECK(alone->may_follow(asking(0, "qwen3"), candidates[1]));
  const auto falling_back = made("model_based", {"", mapping, "", true});
  CHECK(falling_back->may_follow(asking(0, "claude-x"), candidates[1]));
}
