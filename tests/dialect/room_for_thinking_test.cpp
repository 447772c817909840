#include <string>
#include <variant>

#include "catch.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

namespace {

// What a client asks that wants to think much and gets 100 tokens.
std::string asked(Dialect client, bool forced, bool in_loop) {
  switch (client) {
    case Dialect::chat:
      return R"({"model":"m","max_tokens":100,"reasoning_effort":"high",)"
             R"("tools":[{"type":"function","function":{"name":"f"}}])" +
             std::string(forced ? R"(,"tool_choice":"required")" : "") +
             R"(,"messages":[{"role":"user","content":"q"})" +
             (in_loop
                  ? R"(,{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"}]})"
                  : "]}");
    case Dialect::responses:
      return R"({"model":"m","max_output_tokens":100,"reasoning":{"effort":"high"},)"
             R"("tools":[{"type":"function","name":"f"}])" +
             std::string(forced ? R"(,"tool_choice":"required")" : "") +
             R"(,"input":[{"role":"user","content":"q"})" +
             (in_loop
                  ? R"(,{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":"r"}]})"
                  : "]}");
    default:
      return R"({"generationConfig":{"maxOutputTokens":100,"thinkingConfig":{"thinkingLevel":"HIGH"}},)"
             R"("tools":[{"functionDeclarations":[{"name":"f"}]}])" +
             std::string(forced ? R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})"
                                : "") +
             R"(,"contents":[{"parts":[{"text":"q"}]})" +
             (in_loop
                  ? R"(,{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}]})"
                  : "]}");
  }
}

std::string sent(Dialect client, const char* model, bool forced, bool in_loop) {
  const Profile profile = Profiles::shipped().of("anthropic", model);
  TranslateOptions options;
  options.profile = &profile;
  options.model = model;
  Way way;
  way.client = client;
  const auto carried = carry_request(way, asked(client, forced, in_loop), options);
  REQUIRE(std::holds_alternative<Carried>(carried));
  const Json body = Json::read(std::get<Carried>(carried).body);
  return std::string(body["max_tokens"].raw()) + " " + std::string(body["thinking"].raw());
}

}  // namespace

TEST_CASE("a client's limit grows by what a model may think, and only while it does", "[dialect]") {
  const std::string off = R"(100 {"type":"disabled"})";
  for (const Dialect client : {Dialect::chat, Dialect::responses, Dialect::gemini}) {
    CAPTURE(to_string(client));
    // With a budget, 100 tokens are left for the answer.
    const char* const budgets = "claude-sonnet-4-5";
    CHECK(sent(client, budgets, false, false) ==
          R"(24676 {"type":"enabled","budget_tokens":24576})");
    CHECK(sent(client, budgets, true, false) == off);
    CHECK(sent(client, budgets, false, true) == off);
    // Who decides by itself how much to think, does so within the limit.
    CHECK(sent(client, "claude-opus-4-6", false, true).substr(0, 22) ==
          R"(100 {"type":"adaptive")");
    CHECK(sent(client, "claude-opus-4-6", true, false) == off);
  }
}
