#include <algorithm>

#include "dialect/json_out.hpp"
#include "support/vendor.hpp"

namespace ccrelay::testing {
namespace {

using dialect::Json;
using dialect::json_quoted;

constexpr std::string_view no_signature = "skip_thought_signature_validator";

void check_tools(Json body, Strict& strict) {
  bool any = false;
  for (const Json tool : body["tools"].items()) {
    strict.only(tool, {"functionDeclarations", "googleSearch"}, "tools");
    for (const Json function : tool["functionDeclarations"].items()) {
      any = true;
      strict.only(function, {"name", "description", "parametersJsonSchema"},
                  "functionDeclarations");
      strict.need(!function["name"].is_empty(), "functionDeclarations.name");
      strict.need(!function["parametersJsonSchema"]["$schema"], "$schema");
    }
  }
  const Json choice = body["toolConfig"]["functionCallingConfig"];
  strict.need(!choice || any, "functionCallingConfig without functions");
  strict.need(!choice["allowedFunctionNames"] || choice["mode"].is("ANY"),
              "allowedFunctionNames without ANY");
}

// The first content of the turn that is going on: what the user said last.
std::size_t current_turn(Json contents) {
  std::size_t turn = 0;
  std::size_t at = 0;
  for (const Json content : contents.items()) {
    bool text = false;
    for (const Json part : content["parts"].items()) text = text || part["text"];
    if (content["role"].is("user") && text) turn = at;
    ++at;
  }
  return turn;
}

}  // namespace

void Vendor::take_gemini(std::string_view target, Json body, Strict& strict) {
  const bool stream = target.find(":streamGenerateContent?") != std::string_view::npos;
  strict.need(target.find("/v1beta/models/") != std::string_view::npos &&
                  (stream || target.find(":generateContent") != std::string_view::npos),
              "no such path: " + std::string(target));
  strict.need(!stream || target.find("alt=sse") != std::string_view::npos, "no alt=sse");
  strict.only(body, {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"},
              "body");
  if (const Json config = body["generationConfig"]) {
    strict.only(config,
                {"maxOutputTokens", "temperature", "topP", "topK", "stopSequences",
                 "thinkingConfig", "responseMimeType", "responseJsonSchema"},
                "generationConfig");
    strict.need(
        !config["thinkingConfig"]["thinkingLevel"] || !config["thinkingConfig"]["thinkingBudget"],
        "thinkingLevel and thinkingBudget");
  }
  check_tools(body, strict);
  if (const Json system = body["systemInstruction"]) {
    std::string text;
    for (const Json part : system["parts"].items())
      text += (text.empty() ? "" : "\n") + part["text"].text();
    hear("system", text);
  }
  for (const Json tool : body["tools"].items()) {
    for (const Json function : tool["functionDeclarations"].items())
      hear("tool " + function["name"].text(), function["parametersJsonSchema"].raw());
  }
  const std::size_t turn = current_turn(body["contents"]);
  std::size_t at = 0;
  std::vector<std::string> open;  // calls of the content before
  std::string last;
  for (const Json content : body["contents"].items()) {
    strict.only(content, {"role", "parts"}, "contents");
    const Json role = content["role"];
    strict.need(role.is("user") || role.is("model"), "contents.role");
    strict.need(role.text() != last, "two contents of one role in a row");
    last = role.text();
    std::vector<std::string> asked = std::exchange(open, {});
    bool called = false;
    strict.need(content["parts"].is_array() && !content["parts"].is_empty(), "no parts");
    for (const Json part : content["parts"].items()) {
      strict.only(part,
                  {"text", "thought", "thoughtSignature", "functionCall", "functionResponse",
                   "inlineData", "fileData"},
                  "parts");
      const Json signature = part["thoughtSignature"];
      const Made* made = decrypted(signature.text());
      strict.need(!signature || made || signature.is(no_signature),
                  "Thought signature is not valid");
      if (const Json call = part["functionCall"]) {
        strict.need(role.is("model"), "a functionCall of the user");
        strict.only(call, {"id", "name", "args"}, "functionCall");
        strict.need(called || at < turn || bool(signature),
                    "Function call is missing a thought_signature");
        called = true;
        if (made && !made->text.empty()) hear("thinks", made->text);
        open.push_back(call["name"].text());
        hear("call " + call["id"].text() + " " + call["name"].text() + " " +
                 std::string(call["args"].raw()),
             {});
      } else if (const Json response = part["functionResponse"]) {
        strict.only(response, {"id", "name", "response", "parts"}, "functionResponse");
        const auto found = std::find(asked.begin(), asked.end(), response["name"].text());
        if (strict.need(found != asked.end(), "a functionResponse without its call"))
          asked.erase(found);
        const Json said = response["response"];
        hear("result " + response["id"].text() + (said["error"] ? " (error)" : ""),
             (said["error"] ? said["error"] : said["output"]).text());
      } else if (part["text"]) {
        if (!part["text"].is_empty() && !part["thought"].is_true())
          hear(role.is("model") ? "assistant" : "user", part["text"].text());
      } else {
        hear("user", "[media]");
      }
    }
    strict.need(asked.empty(),
                "the number of function response parts is not that of the function call parts");
    ++at;
  }
  strict.need(at > 0, "contents");
  strict.need(last != "model" || open.empty(), "calls without responses");
}

Vendor::Answer Vendor::say_gemini(const Said& said, bool stream) {
  std::vector<std::string> parts;
  if (!said.thinking.empty()) {
    for (const std::string& piece :
         {pieces_of(said.thinking).first, pieces_of(said.thinking).second})
      parts.push_back(R"({"text":)" + json_quoted(piece) + R"(,"thought":true})");
  }
  if (!said.text.empty()) {
    for (const std::string& piece : {pieces_of(said.text).first, pieces_of(said.text).second})
      parts.push_back(R"({"text":)" + json_quoted(piece) + "}");
  }
  bool first = true;
  for (const Said::Call& call : said.calls) {
    std::string part = R"({"functionCall":{"id":)" + json_quoted(call.id) + R"(,"name":)" +
                       json_quoted(call.name) + R"(,"args":)" + call.arguments + "}";
    if (std::exchange(first, false))
      part += R"(,"thoughtSignature":)" + json_quoted(encrypt(said.thinking));
    parts.push_back(part + "}");
  }
  const std::string reason = said.stop == "max_tokens" ? "MAX_TOKENS"
                             : said.stop == "refusal"  ? "SAFETY"
                                                       : "STOP";
  const std::string usage =
      R"("usageMetadata":{"promptTokenCount":)" + std::to_string(said.input + said.cached) +
      R"(,"cachedContentTokenCount":)" + std::to_string(said.cached) +
      R"(,"candidatesTokenCount":)" + std::to_string(said.output - said.thought) +
      R"(,"thoughtsTokenCount":)" + std::to_string(said.thought) + R"(,"totalTokenCount":)" +
      std::to_string(said.input + said.cached + said.output) +
      R"(},"modelVersion":"gemini-real","responseId":"r1"})";
  const auto chunk = [&](const std::string& inside, bool last) {
    return R"({"candidates":[{"content":{"role":"model","parts":[)" + inside + "]}" +
           (last ? R"(,"finishReason":)" + json_quoted(reason) : "") + R"(,"index":0}],)" + usage;
  };
  if (!stream) {
    std::string all;
    for (const std::string& part : parts) all += (all.empty() ? "" : ",") + part;
    return {200, "application/json; charset=UTF-8", {chunk(all, true)}};
  }
  Answer answer{200, "text/event-stream", {}};
  for (const std::string& part : parts)
    answer.events.push_back("data: " + chunk(part, false) + "\r\n\r\n");
  answer.events.push_back("data: " + chunk(R"({"text":""})", true) + "\r\n\r\n");
  return answer;
}

}  // namespace ccrelay::testing
