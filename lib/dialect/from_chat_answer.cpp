#include <string>

#include "dialect/chat_answer.hpp"
#include "dialect/chat_calls.hpp"
#include "dialect/chat_reasoning.hpp"
#include "dialect/errors.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/tags.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {
namespace {

// The blocks of one message, in the order in which the hub has them: reasoning, text, calls.
class ChatMessageBlocks {
 public:
  ChatMessageBlocks(const AnswerContext& context, bool think_tags, Seed& made, JsonOut& out)
      : context_(context), tags_(think_tags), made_(made), out_(out) {}

  void take(Json message) {
    thinking_ = reasoning_.take(message);
    const Json content = message["content"];
    if (content.is_string()) {
      std::string tagged;
      tags_.feed(content.text(), tagged, text_);
      tags_.end(tagged, text_);
      if (!tagged.empty()) reasoning_.take_tagged();
      thinking_ += tagged;
    }
    for (const Json& part : content.items()) {
      if (part["type"].is("thinking")) {
        thinking_ += reasoning_.take_part(part);
      } else {
        text_ += part["text"].text();
      }
    }
    write_thinking();
    write_text(text_);
    write_text(message["refusal"].text());
    for (const Json& call : message["tool_calls"].items()) write_call(call, call["function"]);
    if (message["function_call"].is_object()) write_call({}, message["function_call"]);
  }
  bool called() const { return called_; }

 private:
  void write_thinking() {
    if (!reasoning_.pending()) return;
    out_.object().string("type", "thinking").string("thinking", thinking_);
    out_.string("signature", make_tag({Dialect::chat, context_.issuer, reasoning_.data()})).end();
  }

  void write_text(std::string_view text) {
    if (!text.empty()) out_.object().string("type", "text").string("text", text).end();
  }

  void write_call(Json call, Json function) {
    if (function["name"].is_empty() || !function["name"].is_string()) return;
    called_ = true;
    if (const Json extra = call["extra_content"]; extra.is_object() && !extra.is_empty()) {
      const std::string data = R"({"extra_content":)" + std::string(extra.raw()) + "}";
      out_.object().string("type", "thinking").string("thinking", "");
      out_.string("signature", make_tag({Dialect::chat, context_.issuer, data})).end();
    }
    const std::string id = call["id"].text();
    out_.object().string("type", "tool_use").string("id", id.empty() ? made_.made("call_") : id);
    out_.string("name", context_.names.back(function["name"].text()));
    out_.raw("input", input_of_arguments(function["arguments"])).end();
  }

  const AnswerContext& context_;
  ChatReasoning reasoning_;
  ThinkTags tags_;
  Seed& made_;
  JsonOut& out_;
  std::string thinking_;
  std::string text_;
  bool called_ = false;
};

// The choice with index 0, wherever it stands.
Json first_chat_choice(Json answer) {
  for (const Json& choice : answer["choices"].items())
    if (choice["index"].integer().value_or(0) == 0) return choice;
  return {};
}

TranslatedAnswer chat_failure(const HubError& error) {
  return {error.status, error_body(Dialect::anthropic, error)};
}

}  // namespace

TranslatedAnswer from_chat_answer(std::string_view body, const AnswerContext& context) {
  const Json answer = Json::read(body);
  // A success that tells an error is one (vLLM's has no `error`); so is what is no answer at all.
  if (!answer["choices"].is_array() || answer["error"].told())
    return chat_failure(read_error(Dialect::chat, 200, body));
  const Json choice = first_chat_choice(answer);
  if (!choice.is_object())
    return chat_failure({502, "api_error", "the provider's answer has no choice", {}, {}, {}});
  const Profile& profile = or_generic(context.profile);
  Seed made(context.seed);
  TranslatedAnswer translated;
  JsonOut out(translated.body);
  out.object().string("id", made.made("msg_")).string("type", "message");
  out.string("role", "assistant");
  out.string("model", context.named(answer["model"].text()));
  out.array("content");
  ChatMessageBlocks blocks(context, profile.think_tags, made, out);
  blocks.take(choice["message"]);
  out.end();
  const auto stop = hub_stop_of_chat(choice["finish_reason"].text(), blocks.called());
  if (!stop) {
    return chat_failure(
        {502, "api_error", "the provider ended its answer with an error", {}, {}, {}});
  }
  out.string("stop_reason", *stop);
  out.null("stop_sequence");
  Usage usage;
  read_chat_usage(chat_usage_in(answer), profile, usage);
  read_service_tier(answer["service_tier"], usage);
  tell_cost(context, usage);
  out.key("usage");
  write_hub_usage(out, usage);
  out.end();
  return translated;
}

}  // namespace ccrelay::dialect
