#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

TEST_CASE("with the last tool everything goes that only means something beside tools",
          "[dialect]") {
  struct Row {
    Dialect client;
    Dialect provider;
    const char* profile;
    const char* body;
    const char* dropped;
  };
  const char* const of_anthropic =
      R"({"model":"m","max_tokens":50,"messages":[{"role":"user","content":"q"}],)"
      R"("tools":[{"type":"code_execution_20250522","name":"code_execution"}],)"
      R"("tool_choice":{"type":"tool","name":"code_execution","disable_parallel_tool_use":true}})";
  const char* const of_chat =
      R"({"model":"m","messages":[{"role":"user","content":"q"}],"tools":[{"type":"web_search"}],)"
      R"("tool_choice":"required","parallel_tool_calls":false})";
  const char* const of_responses =
      R"({"model":"m","input":"q","tools":[{"type":"code_interpreter"}],)"
      R"("tool_choice":{"type":"code_interpreter"},"parallel_tool_calls":false})";
  const char* const of_gemini =
      R"({"contents":[{"parts":[{"text":"q"}]}],"tools":[{"codeExecution":{}}],)"
      R"("toolConfig":{"functionCallingConfig":{"mode":"ANY"}}})";
  const char* const search_of_anthropic =
      R"({"model":"m","max_tokens":50,"messages":[{"role":"user","content":"q"}],)"
      R"("tools":[{"type":"web_search_20260209","name":"web_search"}]})";
  const char* const search_of_responses =
      R"({"model":"m","input":"q","tools":[{"type":"web_search"}]})";
  const char* const search_of_gemini =
      R"({"contents":[{"parts":[{"text":"q"}]}],"tools":[{"googleSearch":{}}]})";
  for (const Row& row : {
           Row{Dialect::anthropic, Dialect::chat, "generic", search_of_anthropic,
               "web_search_20260209"},
           Row{Dialect::anthropic, Dialect::responses, "generic", search_of_anthropic,
               "web_search_20260209"},
           Row{Dialect::anthropic, Dialect::gemini, "generic", search_of_anthropic,
               "web_search_20260209"},
           Row{Dialect::responses, Dialect::chat, "openai", search_of_responses, "web_search"},
           Row{Dialect::responses, Dialect::anthropic, "generic", search_of_responses,
               "web_search"},
           Row{Dialect::gemini, Dialect::responses, "generic", search_of_gemini, "googleSearch"},
           Row{Dialect::gemini, Dialect::chat, "openai", search_of_gemini, "googleSearch"},
           Row{Dialect::anthropic, Dialect::chat, "openai", of_anthropic,
               "code_execution_20250522"},
           Row{Dialect::anthropic, Dialect::responses, "openai", of_anthropic,
               "code_execution_20250522"},
           Row{Dialect::anthropic, Dialect::gemini, "gemini", of_anthropic,
               "code_execution_20250522"},
           Row{Dialect::chat, Dialect::anthropic, "anthropic", of_chat, "web_search"},
           Row{Dialect::chat, Dialect::gemini, "gemini", of_chat, "web_search"},
           Row{Dialect::responses, Dialect::anthropic, "anthropic", of_responses,
               "code_interpreter"},
           Row{Dialect::responses, Dialect::chat, "openai", of_responses, "code_interpreter"},
           Row{Dialect::gemini, Dialect::anthropic, "anthropic", of_gemini, "codeExecution"},
           Row{Dialect::gemini, Dialect::responses, "openai", of_gemini, "codeExecution"},
       }) {
    CAPTURE(to_string(row.client), to_string(row.provider));
    const Profile profile = Profiles::shipped().of(row.profile, "model-1");
    TranslateOptions options;
    options.profile = &profile;
    options.model = "model-1";
    Way way;
    way.client = row.client;
    way.provider = row.provider;
    CHECK(std::holds_alternative<NotCarriable>(carry_request(way, row.body, options)));
    options.drop_unsupported = true;
    const auto carried = carry_request(way, row.body, options);
    REQUIRE(std::holds_alternative<Carried>(carried));
    // Once, as the client called it.
    CHECK(std::get<Carried>(carried).dropped == std::vector<std::string>{row.dropped});
    const Json sent = Json::read(std::get<Carried>(carried).body);
    for (const char* const member : {"tools", "tool_choice", "toolConfig", "parallel_tool_calls"}) {
      CAPTURE(member);
      CHECK_FALSE(sent[member]);
    }
  }
}
