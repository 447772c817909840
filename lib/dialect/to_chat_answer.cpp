#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dialect/character_marks.hpp"
#include "dialect/chat_answer.hpp"
#include "dialect/chat_details.hpp"
#include "dialect/errors.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {
namespace {

struct SaidToChat {
  std::string text;
  std::string thinking;
  std::string details;          // elements of reasoning_details
  std::string annotations;      // elements
  std::int64_t characters = 0;  // of the text
  std::size_t detail_count = 0;
  std::vector<Json> calls;

  void detail(const std::string& tag) {
    if (!details.empty()) details += ',';
    details += chat_detail(tag, detail_count++);
  }

  ToldBefore before() const { return {characters, static_cast<std::int64_t>(calls.size())}; }

  void take_text(Json block) {
    const std::string more = block["text"].text();
    text += more;
    const std::int64_t begin = characters;
    characters += characters_in(more);
    for (const Json& citation : block["citations"].items()) {
      const std::string one = chat_annotation(citation, {begin, characters});
      if (!one.empty()) annotations += (annotations.empty() ? "" : ",") + one;
    }
  }

  void take(Json block, const AnswerContext& context) {
    const Json type = block["type"];
    if (type.is("text")) {
      take_text(block);
    } else if (type.is("tool_use")) {
      calls.push_back(block);
    } else if (type.is("thinking")) {
      const std::string shown = block["thinking"].text();
      thinking += shown;
      if (const auto tag = chat_tag(block["signature"].text(), shown, context.issuer, before()))
        detail(*tag);
    } else if (type.is("redacted_thinking")) {
      detail(chat_redacted_tag(block["data"].text(), context.issuer, before()));
    }
  }
};

void write_chat_call(Json block, const AnswerContext& context, JsonOut& out) {
  const std::string hub_name(context.names.back(block["name"].text()));
  const auto tool = context.tools.find(hub_name);
  out.object().raw("id", block["id"]);
  if (tool != context.tools.end() && tool->second.kind == "custom") {
    const Json input = block["input"]["input"];
    out.string("type", "custom").object("custom").string("name", tool->second.name);
    out.string("input", input.is_string() ? input.text() : std::string(block["input"].raw()));
  } else {
    out.string("type", "function").object("function");
    out.string("name", hub_name);
    out.raw("arguments", string_from_json(block["input"] ? block["input"].raw() : "{}"));
  }
  out.end().end();
}

}  // namespace

TranslatedAnswer to_chat_answer(std::string_view body, const AnswerContext& context) {
  const Json answer = Json::read(body);
  if (!answer.is_object() || answer["type"].is("error")) {
    const HubError error = read_error(Dialect::anthropic, 200, body);
    return {error_status(Dialect::chat, error), error_body(Dialect::chat, error)};
  }
  SaidToChat said;
  for (const Json& block : answer["content"].items()) said.take(block, context);
  Seed made(context.seed);
  TranslatedAnswer translated;
  JsonOut out(translated.body);
  out.object().string("id", made.made("chatcmpl-")).string("object", "chat.completion");
  out.number("created", context.now_s);
  out.string("model", context.or_sent(answer["model"].text()));
  out.array("choices").object().number("index", 0).object("message").string("role", "assistant");
  if (said.text.empty()) {
    out.null("content");
  } else {
    out.string("content", said.text);
  }
  out.null("refusal");
  if (!said.annotations.empty()) out.raw("annotations", "[" + said.annotations + "]");
  if (!said.calls.empty()) {
    out.array("tool_calls");
    for (const Json& call : said.calls) write_chat_call(call, context, out);
    out.end();
  }
  if (!said.thinking.empty()) out.string("reasoning_content", said.thinking);
  if (!said.details.empty()) out.raw("reasoning_details", "[" + said.details + "]");
  out.end();
  out.string("finish_reason", chat_finish(answer["stop_reason"].text())).null("logprobs");
  out.end().end();
  Usage usage;
  read_hub_usage(answer["usage"], usage);
  out.key("usage");
  write_chat_usage(out, usage);
  out.end();
  return translated;
}

}  // namespace ccrelay::dialect
