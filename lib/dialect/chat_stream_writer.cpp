#include "dialect/chat_stream_writer.hpp"

#include <utility>

#include "dialect/character_marks.hpp"
#include "dialect/chat_details.hpp"
#include "dialect/json_out.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/words_between.hpp"

namespace ccrelay::dialect {

ChatStreamWriter::ChatStreamWriter(AnswerContext context)
    : context_(std::move(context)),
      made_(context_.seed),
      events_(*this, buffered_bytes_max),
      model_(json_quoted(context_.or_sent({}))) {
  begin_chunks();
}

void ChatStreamWriter::feed(std::string_view in, std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  events_.feed(in);
  if (events_.failed()) fail("an event of the provider is too large");
}

void ChatStreamWriter::end(std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  events_.end();
  if (!failed_ && !finished_) fail("the provider's stream ended early");
}

std::size_t ChatStreamWriter::take_known(std::string_view bytes) {
  const std::size_t taken = failed_ || finished_ ? 0 : delta_.is_front(bytes);
  if (taken > 0) {
    take_words(delta_.kind(), delta_.words(), delta_.are_plain());
    check_held();
  }
  return taken;
}

void ChatStreamWriter::on_event(std::string_view name, std::string_view data) {
  if (failed_ || finished_) return;
  if (delta_.is_next(data, frame)) {
    take_words(delta_.kind(), delta_.words(), delta_.are_plain());
    return check_held();
  }
  const Json event = Json::read(data);
  const Json type = event["type"];
  if (!event) return fail("the provider's stream is not JSON");
  if (type.is("content_block_delta")) {
    take_delta(event);
  } else if (type.is("content_block_start")) {
    start_block(event["content_block"]);
  } else if (type.is("content_block_stop")) {
    stop_block();
  } else if (type.is("message_start")) {
    start_message(event["message"]);
  } else if (type.is("message_delta")) {
    take_end(event);
  } else if (type.is("message_stop")) {
    stop_message();
  } else if (type.is("error") || name == "error") {
    fail(read_error_object(Dialect::anthropic, 0, event["error"]));
  }
  check_held();
}

void ChatStreamWriter::check_held() {
  if (thinking_.size() + signature_.size() > buffered_bytes_max)
    fail("the provider's stream has too much that cannot be passed on");
}

void ChatStreamWriter::start_message(Json message) {
  if (!id_.empty()) return;
  id_ = made_.made("chatcmpl-");
  if (message["model"].is_string() && !message["model"].is_empty()) model_ = message["model"].raw();
  read_hub_usage(message["usage"], usage_);
  begin_chunks();
  tell_delta(R"({"role":"assistant","content":""})");
}

// Each chunk has the same head.
std::string ChatStreamWriter::begun_chunk() const {
  std::string json;
  JsonOut(json)
      .object()
      .string("id", id_)
      .string("object", "chat.completion.chunk")
      .number("created", context_.now_s)
      .raw("model", model_);
  return json;
}

void ChatStreamWriter::begin_chunks() {
  begun_ = "data: " + begun_chunk() + R"(,"choices":[{"index":0,"delta":)";
  ended_ = R"(,"logprobs":null,"finish_reason":null}])";
  if (context_.include_usage) ended_ += R"(,"usage":null)";
  ended_ += "}\n\n";
  text_begun_ = begun_ + R"({"content":")";
  thinking_begun_ = begun_ + R"({"reasoning_content":")";
  words_ended_ = "\"}" + ended_;
}

// A delta of one member: this is done for each token.
void ChatStreamWriter::tell_words(std::string_view begun, std::string_view words, bool plain) {
  append_words_between(*out_, begun, words, words_ended_, plain);
}

void ChatStreamWriter::tell_delta(std::string_view delta, std::string_view finish) {
  *out_ += begun_;
  *out_ += delta;
  if (finish.empty()) {
    *out_ += ended_;
    return;
  }
  *out_ += R"(,"logprobs":null,"finish_reason":)" + json_quoted(finish) + "}]";
  if (context_.include_usage) *out_ += R"(,"usage":null)";
  *out_ += "}\n\n";
}

void ChatStreamWriter::start_block(Json block) {
  const Json type = block["type"];
  block_ = Block::none;
  if (type.is("text")) {
    block_ = Block::text;
    block_begin_ = said_;
    take_words(DeltaWords::Kind::text, block["text"].text());
    for (const Json& citation : block["citations"].items()) cite(citation);
  } else if (type.is("thinking")) {
    block_ = Block::thinking;
    thinking_.clear();
    signature_ = block["signature"].text();
  } else if (type.is("redacted_thinking")) {
    tell_detail(chat_redacted_tag(block["data"].text(), context_.issuer, told_before()));
  } else if (type.is("tool_use")) {
    start_call(block);
  }
}

void ChatStreamWriter::start_call(Json block) {
  const std::string hub_name(context_.names.back(block["name"].text()));
  const auto tool = context_.tools.find(hub_name);
  const bool custom = tool != context_.tools.end() && tool->second.kind == "custom";
  block_ = custom ? Block::custom : Block::call;
  argued_ = false;
  custom_ = CustomInput();
  input_ = block["input"].raw();
  std::string json;
  JsonOut out(json);
  out.object().array("tool_calls").object().number("index", static_cast<std::int64_t>(calls_++));
  out.raw("id", block["id"]).string("type", custom ? "custom" : "function");
  out.object(custom ? "custom" : "function");
  out.string("name", custom ? tool->second.name : hub_name);
  out.string(custom ? "input" : "arguments", "").end().end().end().end();
  tell_delta(json);
}

void ChatStreamWriter::take_delta(Json event) {
  const Json delta = event["delta"];
  const DeltaWords words = DeltaWords::of(delta);
  if (words.kind != DeltaWords::Kind::none) {
    delta_.learn(event, words, frame);
    return take_words(words.kind, words.words.text());
  }
  const Json type = delta["type"];
  if (type.is("signature_delta")) signature_ += delta["signature"].text();
  if (type.is("citations_delta") && block_ == Block::text) cite(delta["citation"]);
}

void ChatStreamWriter::cite(Json citation) {
  const std::string annotation = chat_annotation(citation, {block_begin_, said_});
  if (!annotation.empty()) tell_delta(R"({"annotations":[)" + annotation + "]}");
}

void ChatStreamWriter::take_words(DeltaWords::Kind kind, std::string_view words, bool plain) {
  if (words.empty()) return;
  switch (kind) {
    case DeltaWords::Kind::none:
      return;
    case DeltaWords::Kind::text:
      if (block_ != Block::text) return;
      said_ += characters_in(words);
      return tell_words(text_begun_, words, plain);
    case DeltaWords::Kind::thinking:
      if (block_ != Block::thinking) return;
      thinking_ += words;
      return tell_words(thinking_begun_, words, plain);
    case DeltaWords::Kind::input:
      return tell_arguments(words);
  }
}

void ChatStreamWriter::tell_arguments(std::string_view piece) {
  if (piece.empty() || (block_ != Block::call && block_ != Block::custom)) return;
  argued_ = true;
  if (block_ == Block::call) return tell_call_words(piece);
  std::string words;
  custom_.feed(piece, words);
  tell_call_words(words);
}

void ChatStreamWriter::tell_call_words(std::string_view words) {
  if (words.empty()) return;
  const bool custom = block_ == Block::custom;
  std::string json;
  JsonOut out(json);
  out.object().array("tool_calls").object().number("index", static_cast<std::int64_t>(calls_ - 1));
  out.object(custom ? "custom" : "function");
  out.string(custom ? "input" : "arguments", words).end().end().end().end();
  tell_delta(json);
}

void ChatStreamWriter::stop_block() {
  if (block_ == Block::thinking) {
    if (const auto tag = chat_tag(signature_, thinking_, context_.issuer, told_before()))
      tell_detail(*tag);
  } else if ((block_ == Block::call || block_ == Block::custom) && !argued_) {
    tell_arguments(input_.empty() ? "{}" : input_);
  }
  if (block_ == Block::custom) {
    std::string words;
    custom_.end(words);
    tell_call_words(words);
  }
  block_ = Block::none;
}

ToldBefore ChatStreamWriter::told_before() const {
  return {said_, static_cast<std::int64_t>(calls_)};
}

void ChatStreamWriter::tell_detail(const std::string& tag) {
  tell_delta(R"({"reasoning_details":[)" + chat_detail(tag, details_++) + "]}");
}

void ChatStreamWriter::take_end(Json event) {
  read_hub_usage(event["usage"], usage_);
  const Json reason = event["delta"]["stop_reason"];
  if (stop_told_ || !reason.is_string()) return;
  stop_told_ = true;
  tell_delta("{}", chat_finish(reason.text()));
}

void ChatStreamWriter::stop_message() {
  finished_ = true;
  if (!stop_told_) tell_delta("{}", chat_finish("end_turn"));
  if (context_.include_usage) {
    std::string json = begun_chunk();
    json += R"(,"choices":[],"usage":)";
    std::string usage;
    JsonOut out(usage);
    write_chat_usage(out, usage_);
    append_event(*out_, {}, json + usage + "}");
  }
  append_event(*out_, {}, "[DONE]");
}

void ChatStreamWriter::fail(const HubError& error) {
  if (failed_) return;
  failed_ = true;
  *out_ += stream_error(Dialect::chat, error);
}

}  // namespace ccrelay::dialect
