#include "dialect/foreign_reasoning.hpp"

#include <string>

#include "catch.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

TEST_CASE("reasoning of other dialects' providers does not go to one of the client's own",
          "[dialect]") {
  const Tag made{Dialect::anthropic, "0123456789ab", R"({"signature":"S"})"};
  const std::string tag = make_tag(made);
  const std::string wrapped = make_wrapped_tag(made);
  Profile gemini;
  gemini.effort_field = "thinkingLevel";
  Profile deepseek;
  deepseek.reasoning_required = true;
  struct Row {
    Dialect client;
    const Profile* profile;
    std::string body;
    std::string left;  // empty: goes as it is
  };
  const std::string item = R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":")";
  const std::string detail =
      R"({"type":"reasoning.encrypted","format":"ccr1","data":")" + tag + R"("})";
  const Row rows[] = {
      {Dialect::responses, nullptr, R"({"input":"ccr1.","model":"m"})", ""},
      {Dialect::responses, nullptr, R"({"input":[)" + item + R"(gAAA"}]})", ""},
      {Dialect::responses, nullptr,
       R"({ "n":1e2, "input":[{"a": 1},)" + item + tag + R"("}, {"b":2}], "model":"m" })",
       R"({ "n":1e2, "input":[{"a": 1},{"b":2}], "model":"m" })"},
      {Dialect::chat, nullptr,
       R"({"messages":[{"role":"assistant","content": "a","reasoning_content":"hm","reasoning_details":[)" +
           detail + R"(]},{"role":"user","content":"x"}]})",
       R"({"messages":[{"role":"assistant","content":"a"},{"role":"user","content":"x"}]})"},
      {Dialect::chat, &deepseek,
       R"({"messages":[{"role":"assistant","reasoning_content":"hm","reasoning_details":[)" +
           detail + R"(,{"type":"reasoning.text","text":"own"}]}]})",
       R"({"messages":[{"role":"assistant","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","text":"own"}]}]})"},
      {Dialect::gemini, &gemini,
       R"({"contents":[{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":")" +
           wrapped + R"("},{"functionCall":{"name":"f"},"thoughtSignature":")" + wrapped +
           R"("},{"text":"a","thoughtSignature":"b3du"}]}]})",
       R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"text":"a","thoughtSignature":"b3du"}]}]})"},
      {Dialect::gemini, nullptr,
       R"({"contents":[{"parts":[{"functionCall":{"name":"f"},"thought_signature":")" + wrapped +
           R"("}]}]})",
       R"({"contents":[{"parts":[{"functionCall":{"name":"f"}}]}]})"},
      {Dialect::anthropic, nullptr, R"({"messages":[{"signature":")" + tag + R"("}]})", ""},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    CHECK(without_foreign_reasoning(row.client, row.body, row.profile) == row.left);
  }
}

TEST_CASE("what a provider refuses of its own reasoning is left out as well", "[dialect]") {
  Profile gemini;
  gemini.effort_field = "thinkingLevel";
  struct Row {
    Dialect client;
    const Profile* profile;
    std::string body;
    std::string left;  // empty: there is none
  };
  const Row rows[] = {
      {Dialect::responses, nullptr, R"({"input":"x"})", ""},
      {Dialect::responses, nullptr,
       R"({"input":[{"type":"reasoning","encrypted_content":"gAAA"},{"b":2}]})",
       R"({"input":[{"b":2}]})"},
      {Dialect::chat, nullptr,
       R"({"messages":[{"content":"a","reasoning_details":[{"type":"reasoning.text","text":"t"}]}]})",
       R"({"messages":[{"content":"a"}]})"},
      {Dialect::gemini, &gemini,
       R"({"contents":[{"parts":[{"text":"t","thought":true}]},{"parts":[{"functionCall":{}},{"functionCall":{},"thoughtSignature":"YQ"},{"text":"x","thought_signature":"YQ"}]}]})",
       R"({"contents":[{"parts":[{"functionCall":{},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{}},{"text":"x"}]}]})"},
      {Dialect::gemini, nullptr, R"({"contents":[{"parts":[{"functionCall":{}}]}]})", ""},
      {Dialect::anthropic, nullptr, R"({"messages":[{"signature":"s"}]})", ""},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    CHECK(without_reasoning(row.client, row.body, row.profile) == row.left);
  }
}
