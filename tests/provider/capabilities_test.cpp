#include "provider/capabilities.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;
using Names = std::vector<std::string>;

namespace {

const std::vector<std::string_view> sent{"claude-code-20250219", "context-management-2025-06-27",
                                         "interleaved-thinking-2025-05-14", "effort-2025-11-24"};

}  // namespace

TEST_CASE("a 400's words name what is not taken", "[provider]") {
  struct Case {
    std::string message;
    Names betas;
    Names fields;
  };
  const std::vector<Case> cases{
      {"context_management: Extra inputs are not permitted", {}, {"context_management"}},
      // Its beta did not come along.
      {"mcp_servers: Extra inputs are not permitted", {}, {}},
      {"output_config.effort: Extra inputs are not permitted", {}, {"output_config"}},
      {"a: Extra inputs are not permitted, b.c: Extra inputs are not permitted", {}, {"a", "b"}},
      {"Malformed input request: #: extraneous key [context_management] is not permitted, please "
       "reformat your input and try again.",
       {},
       {"context_management"}},
      {"Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header.",
       {"effort-2025-11-24"},
       {}},
      {"beta flags `effort-2025-11-24`, `claude-code-20250219` are not known",
       {"claude-code-20250219", "effort-2025-11-24"},
       {}},
      // Which one is not said: what Bedrock's page does not list.
      {"invalid beta flag", {"claude-code-20250219"}, {}},
      // Nothing that may be left out.
      {"messages.0.content: Extra inputs are not permitted", {}, {}},
      {"safeguards: Extra inputs are not permitted", {}, {}},
      {"model: Extra inputs are not permitted", {}, {}},
      {"tools.0: Extra inputs are not permitted", {}, {}},
      {"tools.0.name: Extra inputs are not permitted", {}, {}},
      {"prompt is too long: 200001 tokens > 200000 maximum", {}, {}},
      {"extraneous key [", {}, {}},
      {": Extra inputs are not permitted", {}, {}},
      {"", {}, {}},
  };
  for (const Case& one : cases) {
    INFO(one.message);
    const Unsupported named = named_in(one.message, sent, "bedrock");
    CHECK(named.betas == one.betas);
    CHECK(named.fields == one.fields);
  }
}

TEST_CASE("a field of a tool is one of every tool", "[provider]") {
  const std::vector<std::string_view> of_tools{"advanced-tool-use-2025-11-20",
                                               "structured-outputs-2025-12-15"};
  CHECK(
      named_in("tools.0.custom.defer_loading: Extra inputs are not permitted", of_tools, "bedrock")
          .fields == Names{"tools[].defer_loading"});
  CHECK(
      named_in("#/tools/0: extraneous key [strict] is not permitted", of_tools, "bedrock").fields ==
      Names{"tools[].strict"});
}

TEST_CASE("only Bedrock's unnamed refusal is guessed at", "[provider]") {
  CHECK(named_in("invalid beta flag", sent, "vertex").empty());
}

TEST_CASE("a beta goes with its field and a field with its beta", "[provider]") {
  const Unsupported by_field = in_pairs({{}, {"context_management"}}, sent);
  CHECK(by_field.betas == Names{"context-management-2025-06-27"});
  const Unsupported by_beta = in_pairs({{"effort-2025-11-24"}, {}}, sent);
  CHECK(by_beta.fields == Names{"output_config"});
  const Unsupported of_tools =
      in_pairs({{"advanced-tool-use-2025-11-20"}, {}}, {"advanced-tool-use-2025-11-20"});
  CHECK(of_tools.fields ==
        Names{"tools[].defer_loading", "tools[].allowed_callers", "tools[].input_examples"});
  // What was not sent has nothing that belongs to it.
  CHECK(in_pairs({{"effort-2025-11-24"}, {}}, {}).fields.empty());
}

TEST_CASE("what the clouds do not offer is known beforehand", "[provider]") {
  CHECK_FALSE(known_unsupported("bedrock").betas.empty());
  CHECK_FALSE(known_unsupported("vertex").betas.empty());
  CHECK(known_unsupported("azure").empty());
  CHECK(known_unsupported("anthropic").empty());
}
