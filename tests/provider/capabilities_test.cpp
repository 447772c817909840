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
  const std::string body =
      R"({"model":"m","context_management":{"edits":[]},"mcp_servers":[],"a":1,"b":{"c":1},)"
      R"("output_config":{"effort":"low"},"safeguards":[],"metadata":{"user_id":"u","x":1},)"
      R"("temperature":1,"thinking":{"type":"adaptive","display":"omitted"},"system":[)"
      R"({"type":"text","text":"s"},)"
      R"({"type":"text","text":"t","cache_control":{"type":"ephemeral","scope":"g"}}],)"
      R"("tools":[{"name":"t","input_schema":{"x":{}},"strict":true,"defer_loading":true}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"q","citations":{}},)"
      R"({"type":"tool_use","name":"n","input":{"foo":1},"caller":{}}]}]})";
  struct Case {
    std::string message;
    Names betas;
    Names fields;
  };
  const std::vector<Case> cases{
      {"context_management: Extra inputs are not permitted", {}, {"context_management"}},
      {"mcp_servers: Extra inputs are not permitted", {}, {"mcp_servers"}},
      {"output_config.effort: Extra inputs are not permitted", {}, {"output_config.effort"}},
      {"a: Extra inputs are not permitted, b.c: Extra inputs are not permitted", {}, {"a", "b.c"}},
      {"Error from provider (Anthropic): a: extra fields not permitted", {}, {"a"}},
      {"system.1.cache_control.ephemeral.scope: Extra inputs are not permitted",
       {},
       {"system[].cache_control.scope"}},
      {"system.1.text.cache_control.ephemeral.scope: Extra inputs are not permitted",
       {},
       {"system[].cache_control.scope"}},
      // Another block was left out before it.
      {"system.7.cache_control.ephemeral.scope: Extra inputs are not permitted",
       {},
       {"system[].cache_control.scope"}},
      {"#/system/1/cache_control: extraneous key [scope] is not permitted",
       {},
       {"system[].cache_control.scope"}},
      {R"(Invalid JSON payload received. Unknown name "scope" at 'system[1].cache_control': Cannot find field.)",
       {},
       {"system[].cache_control.scope"}},
      {R"(Unknown name \"context_management\": Cannot find field.)", {}, {"context_management"}},
      {"Unknown parameter: 'a'.", {}, {"a"}},
      {"Unrecognized request argument supplied: a", {}, {"a"}},
      {"messages.0.content.1.tool_use.caller: Extra inputs are not permitted",
       {},
       {"messages[].content[].caller"}},
      {"messages.0.content.0.text.citations: Extra inputs are not permitted",
       {},
       {"messages[].content[].citations"}},
      {"thinking.adaptive.display: Extra inputs are not permitted", {}, {"thinking.display"}},
      {"tools.0.custom.defer_loading: Extra inputs are not permitted",
       {},
       {"tools[].defer_loading"}},
      {"#/tools/0: extraneous key [strict] is not permitted", {}, {"tools[].strict"}},
      {"metadata.x: Extra inputs are not permitted", {}, {"metadata.x"}},
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
      // One begins as another does.
      {"Unexpected value(s) `effort-2025-11-24-x` for the `anthropic-beta` header.",
       {std::string(some_beta)},
       {}},
      {"invalid beta flag", {std::string(some_beta)}, {}},
      {"anthropic_beta: Extra inputs are not permitted", {std::string(every_beta)}, {}},
      // That it asks for one refuses nothing.
      {"this needs the beta header `effort-2025-11-24`", {}, {}},
      // What the body has not.
      {"zzz: Extra inputs are not permitted", {}, {}},
      {"b.c.d: Extra inputs are not permitted", {}, {}},
      // Nothing that may be left out.
      {"messages.0.content: Extra inputs are not permitted", {}, {}},
      {"messages.0.content.0.text: Extra inputs are not permitted", {}, {}},
      {"messages.0.content.1.tool_use.input.foo: Extra inputs are not permitted", {}, {}},
      {"safeguards: Extra inputs are not permitted", {}, {}},
      {"model: Extra inputs are not permitted", {}, {}},
      {"temperature: Extra inputs are not permitted", {}, {}},
      {"metadata: Extra inputs are not permitted", {}, {}},
      {"thinking.type: Extra inputs are not permitted", {}, {}},
      {"tools.0: Extra inputs are not permitted", {}, {}},
      {"tools.0.name: Extra inputs are not permitted", {}, {}},
      {"tools.0.custom.input_schema.x: Extra inputs are not permitted", {}, {}},
      {"prompt is too long: 200001 tokens > 200000 maximum", {}, {}},
      {"extraneous key [", {}, {}},
      {": Extra inputs are not permitted", {}, {}},
      {"", {}, {}},
  };
  for (const Case& one : cases) {
    INFO(one.message);
    const Unsupported named = named_in(one.message, sent, body);
    CHECK(named.betas == one.betas);
    CHECK(named.fields == one.fields);
  }
}

TEST_CASE("a beta goes with its field and a field with its beta", "[provider]") {
  const std::string body = R"({"context_management":{},"output_config":{}})";
  const Unsupported by_field = in_pairs({{}, {"context_management"}}, sent, body);
  CHECK(by_field.betas == Names{"context-management-2025-06-27"});
  // But not from a request that has no such field.
  CHECK(in_pairs({{}, {"context_management"}}, sent, "{}").betas.empty());
  // Nor one that brings others, too.
  CHECK(in_pairs({{}, {"tools[].strict"}}, {"structured-outputs-2025-12-15"},
                 R"({"tools":[{"strict":true}]})")
            .betas.empty());
  const Unsupported by_beta = in_pairs({{"effort-2025-11-24"}, {}}, sent, body);
  CHECK(by_beta.fields == Names{"output_config"});
  // Not while another beta that is sent brings it.
  CHECK(in_pairs({{"effort-2025-11-24"}, {}},
                 {"effort-2025-11-24", "structured-outputs-2025-12-15"}, body)
            .fields.empty());
  const Unsupported of_tools =
      in_pairs({{"advanced-tool-use-2025-11-20"}, {}}, {"advanced-tool-use-2025-11-20"}, body);
  CHECK(of_tools.fields ==
        Names{"tools[].defer_loading", "tools[].allowed_callers", "tools[].input_examples"});
  // What was not sent has nothing that belongs to it.
  CHECK(in_pairs({{"effort-2025-11-24"}, {}}, {}, body).fields.empty());
}

TEST_CASE("what the clouds do not offer is known beforehand", "[provider]") {
  CHECK_FALSE(known_unsupported("bedrock").betas.empty());
  CHECK_FALSE(known_unsupported("vertex").betas.empty());
  CHECK(known_unsupported("azure").empty());
  CHECK(known_unsupported("anthropic").empty());
}
