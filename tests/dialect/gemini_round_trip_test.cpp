#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/from_gemini.hpp"
#include "dialect/gemini_answer.hpp"
#include "dialect/gemini_request.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"

using namespace ccrelay::dialect;

namespace {

constexpr std::string_view issuer = "0123456789ab";

Json first(Json list) {
  return *list.items().begin();
}

// A Gemini provider's parts as they come back to it through a client of the hub.
std::string through_hub(const std::string& parts) {
  AnswerContext context;
  context.issuer = issuer;
  const std::string answer = from_gemini_answer(R"({"candidates":[{"content":{"parts":)" + parts +
                                                    R"(},"finishReason":"STOP"}]})",
                                                context)
                                 .body;
  const std::string request = R"({"messages":[{"role":"assistant","content":)" +
                              std::string(Json(answer)["content"].raw()) + "}]}";
  Profile profile;
  profile.effort_field = "thinkingLevel";
  TranslateOptions options;
  options.profile = &profile;
  options.issuer = issuer;
  const Translation back = to_gemini_request(request, options);
  const std::string& body = std::get<Translated>(back).body;
  return std::string(first(Json(body)["contents"])["parts"].raw());
}

// What Gemini CLI does with parts that it keeps: no thoughts, signatures of calls only.
std::string as_kept(Json parts) {
  std::string out;
  for (const Json part : parts.items()) {
    if (part["thought"].is_true()) continue;
    if (!out.empty()) out += ',';
    if (part["text"] && part["thoughtSignature"]) {
      out += R"({"text":)" + std::string(part["text"].raw()) + "}";
    } else {
      out += part.raw();
    }
  }
  return "[" + out + "]";
}

// An Anthropic provider's blocks as they come back to it through a Gemini client.
std::string through_gemini(const std::string& blocks, bool kept_whole) {
  AnswerContext context;
  context.issuer = issuer;
  const std::string answer =
      to_gemini_answer(R"({"id":"m","type":"message","model":"c","content":)" + blocks +
                           R"(,"stop_reason":"tool_use","usage":{}})",
                       context)
          .body;
  const Json parts = first(Json(answer)["candidates"])["content"]["parts"];
  const std::string kept = kept_whole ? std::string(parts.raw()) : as_kept(parts);
  TranslateOptions options;
  options.issuer = issuer;
  const Translation back =
      from_gemini_request(R"({"contents":[{"role":"model","parts":)" + kept + "}]}", options);
  const std::string& body = std::get<Translated>(back).body;
  return std::string(first(Json(body)["messages"])["content"].raw());
}

}  // namespace

TEST_CASE("signatures of a Gemini provider come back on the parts that they were on") {
  const std::vector<std::string> rows{
      R"([{"thoughtSignature":"S","functionCall":{"id":"a","name":"f","args":{"x":1.0}}}])",
      R"([{"thoughtSignature":"S","functionCall":{"id":"a","name":"f","args":{}}},)"
      R"({"functionCall":{"id":"b","name":"g","args":{}}}])",
      R"([{"text":"a"},{"thoughtSignature":"S","functionCall":{"id":"a","name":"f","args":{}}}])",
      R"([{"text":"a","thoughtSignature":"S"}])",
      R"([{"text":"a"},{"text":"","thoughtSignature":"S"}])",
      R"([{"text":"hm","thought":true,"thoughtSignature":"S"},{"text":"a"}])",
  };
  for (const std::string& parts : rows) {
    INFO(parts);
    // An empty text's signature comes back on the text in front of it, which is the same turn's.
    const bool trailing = parts.find(R"({"text":"","thoughtSignature")") != std::string::npos;
    CHECK(through_hub(parts) == (trailing ? R"([{"text":"a","thoughtSignature":"S"}])" : parts));
  }
  // Thoughts need not come back.
  CHECK(through_hub(R"([{"text":"hm","thought":true},{"text":"a"}])") == R"([{"text":"a"}])");
}

TEST_CASE("Anthropic's thinking comes back through a Gemini client, whatever that keeps") {
  const std::string thinking = R"({"type":"thinking","thinking":"hm\n","signature":"S"})";
  const std::string redacted = R"({"type":"redacted_thinking","data":"R"})";
  const std::string text = R"({"type":"text","text":"a"})";
  const std::string call = R"({"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.0}})";
  const std::vector<std::string> rows{
      "[" + thinking + "," + call + "]",
      "[" + thinking + "," + text + "," + call + "]",
      "[" + redacted + "," + thinking + "," + text + "," + call + "]",
      "[" + text + "," + thinking + "," + call + "]",
  };
  for (const std::string& blocks : rows) {
    INFO(blocks);
    CHECK(through_gemini(blocks, true) == blocks);
    CHECK(through_gemini(blocks, false) == blocks);
  }
  // Without a call only who keeps the text's signature brings it back.
  const std::string answer = "[" + thinking + "," + text + "]";
  CHECK(through_gemini(answer, true) == answer);
  CHECK(through_gemini(answer, false) == "[" + text + "]");
}
