#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "dialect/chat_request.hpp"
#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/from_chat_messages.hpp"
#include "dialect/from_chat_tools.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {
namespace {

struct ChatFields {
  Json model, messages, max_tokens, max_completion_tokens, temperature, top_p, stop, stream;
  Json stream_options, reasoning_effort, response_format, tools, tool_choice, parallel_tool_calls;
};

// Where each member goes. False for one that has no place in the hub.
bool take_chat_field(ChatFields& chat, const JsonMember& member) {
  using Field = Json ChatFields::*;
  static constexpr std::array<std::pair<std::string_view, Field>, 14> fields{{
      {"model", &ChatFields::model},
      {"messages", &ChatFields::messages},
      {"max_tokens", &ChatFields::max_tokens},
      {"max_completion_tokens", &ChatFields::max_completion_tokens},
      {"temperature", &ChatFields::temperature},
      {"top_p", &ChatFields::top_p},
      {"stop", &ChatFields::stop},
      {"stream", &ChatFields::stream},
      {"stream_options", &ChatFields::stream_options},
      {"reasoning_effort", &ChatFields::reasoning_effort},
      {"response_format", &ChatFields::response_format},
      {"tools", &ChatFields::tools},
      {"tool_choice", &ChatFields::tool_choice},
      {"parallel_tool_calls", &ChatFields::parallel_tool_calls},
  }};
  for (const auto& [name, field] : fields) {
    if (!member.is(name)) continue;
    chat.*field = member.value;
    return true;
  }
  return false;
}

// A member without a place: most mean nothing for the answer, some are asked for in vain.
void take_other_of_chat(const JsonMember& member, Findings& findings) {
  const std::string name = member.name();
  const Json value = member.value;
  if (!value.told()) return;
  if (name == "functions" || name == "function_call")
    return findings.refuse(name, name + " is not supported: use tools");
  if (name == "n") {
    if (value.integer().value_or(2) != 1) findings.cannot_carry(name, "more than one choice");
  } else if (name == "logprobs") {
    if (!value.is_false()) findings.cannot_carry(name, "logprobs");
  } else if (name == "top_logprobs") {
    if (value.integer().value_or(1) != 0) findings.cannot_carry(name, "logprobs");
  } else if (name == "modalities") {
    for (const Json& modality : value.items())
      if (!modality.is("text")) findings.cannot_carry(name, modality.text() + " output");
  } else {
    findings.drop(name);
  }
}

void write_stops_of_chat(Json stop, JsonOut& out) {
  std::string list;
  JsonOut sequences(list);
  sequences.array();
  const auto add = [&](Json sequence) {
    if (sequence.text().find_first_not_of(" \t\r\n") != std::string::npos) sequences.raw(sequence);
  };
  add(stop);
  for (const Json& sequence : stop.items()) add(sequence);
  sequences.end();
  if (list != "[]") out.raw("stop_sequences", list);
}

void write_thinking_of_chat(const HubThinking& thinking, Json response_format, Findings& findings,
                            JsonOut& out) {
  if (!thinking.thinking.empty()) out.raw("thinking", thinking.thinking);
  const Json type = response_format["type"];
  const Json schema = response_format["json_schema"]["schema"];
  const bool format = type.is("json_schema") && schema.is_object();
  if (type.told() && !format && !type.is("text")) findings.drop("response_format");
  if (thinking.effort.empty() && !format) return;
  out.object("output_config");
  if (!thinking.effort.empty()) out.string("effort", thinking.effort);
  if (format) {
    out.object("format").string("type", "json_schema").raw("schema", schema);
    // For OpenAI's own; Anthropic has no other.
    if (response_format["json_schema"]["strict"].is_true()) out.boolean("strict", true);
    out.end();
  }
  out.end();
}

}  // namespace

Translation from_chat_request(std::string_view body, const TranslateOptions& options) {
  std::string error;
  JsonIndex index;
  const Json request = index.read(body, &error);
  if (!request.is_object())
    return refused(
        {}, error.empty() ? "the body is not a JSON object" : "the body is not JSON: " + error);
  Findings findings(options.drop_unsupported);
  ChatFields chat;
  for (const JsonMember& member : request.members())
    if (!take_chat_field(chat, member)) take_other_of_chat(member, findings);
  if (!chat.messages.is_array()) findings.refuse("messages", "messages is required, a list");
  Translated translated;
  AnswerContext& context = translated.context;
  context.model = chat.model.text();
  context.seed = options.seed;
  context.issuer = options.issuer;
  context.now_s = options.now_s;
  context.stream = chat.stream.is_true();
  context.include_usage = chat.stream_options["include_usage"].is_true();
  context.profile = options.profile;

  FromChatMessages messages(options, findings);
  messages.read(chat.messages);
  const Json wanted =
      chat.max_completion_tokens.told() ? chat.max_completion_tokens : chat.max_tokens;
  // How a model takes it, and the room that this needs, is for the last step to say.
  const HubThinking thinking =
      hub_thinking(read_openai_effort(chat.reasoning_effort.text()), Profile(),
                   wanted.integer().value_or(options.default_max_tokens));
  translated.body.reserve(body.size() + body.size() / 8);
  JsonOut out(translated.body);
  out.object().string("model", options.model.empty() ? context.model : options.model);
  write_hub_limit(thinking.max_tokens, out);
  messages.write(out, translated.known);
  write_hub_tools(chat.tools, chat.tool_choice, chat.parallel_tool_calls.is_false(), context,
                  findings, out);
  if (chat.temperature.is_number()) out.raw("temperature", chat.temperature);
  if (chat.top_p.is_number()) out.raw("top_p", chat.top_p);
  write_stops_of_chat(chat.stop, out);
  if (context.stream) out.boolean("stream", true);
  write_thinking_of_chat(thinking, chat.response_format, findings, out);
  out.end();
  return findings.result(std::move(translated));
}

}  // namespace ccrelay::dialect
