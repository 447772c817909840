#include "dialect/gemini_parts.hpp"

#include <utility>

#include "base/base64.hpp"
#include "dialect/character_marks.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/json_out.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/tags.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {
namespace {

// With the text, which clients change or drop; `lead`: a text stands between the reasoning and the
// call that bears the tag.
std::string told_tag(const Tag& tag, std::string_view thinking, std::int64_t behind, bool lead) {
  Tag told{tag.dialect, tag.issuer, {}};
  JsonOut out(told.data);
  out.object();
  const Json data = tag.json();
  for (const JsonMember& member : data.members()) {
    if (member.is("thinking") || member.is("lead") || member.is("behind")) continue;
    out.raw(member.name(), member.value);
  }
  out.string("thinking", thinking);
  if (behind > 0) out.number("behind", behind);
  if (lead) out.boolean("lead", true);
  out.end();
  return make_tag(told);
}

std::string as_lead(const std::string& text) {
  const auto tag = read_tag(text);
  return tag ? told_tag(*tag, tag->json()["thinking"].text(), tag->behind(), true) : text;
}

}  // namespace

std::size_t GeminiParts::take_known(std::string_view bytes) {
  const std::size_t taken = delta_.is_front(bytes);
  if (taken > 0) take_words(delta_.kind(), delta_.words());
  return taken;
}

void GeminiParts::on_event(std::string_view, std::string_view data) {
  if (delta_.is_next(data, frame)) return take_words(delta_.kind(), delta_.words());
  const Json event = Json::read(data);
  const std::string type = event["type"].text();
  if (type == "message_start") {
    const Json message = event["message"];
    id_ = message["id"].text();
    model_ = context_.or_sent(message["model"].text());
    name_answer();
    read_hub_usage(message["usage"], usage_);
  } else if (type == "content_block_start") {
    start_block(event["content_block"]);
  } else if (type == "content_block_delta") {
    take_delta(event);
  } else if (type == "content_block_stop") {
    stop_block();
  } else if (type == "message_delta") {
    reason_ = event["delta"]["stop_reason"].text();
    read_hub_usage(event["usage"], usage_);
  } else if (type == "message_stop") {
    finish();
  } else if (type == "error") {
    sink_.on_error(read_error_object(Dialect::anthropic, 0, event["error"]));
  }
}

void GeminiParts::tell(const std::string& part) {
  end_text();
  grounding_.part();
  sink_.on_part(part);
}

void GeminiParts::name_answer() {
  answer_members_ =
      R"("modelVersion":)" + json_quoted(model_) + R"(,"responseId":)" + json_quoted(id_);
}

void GeminiParts::start_block(Json block) {
  type_ = block["type"].text();
  input_.clear();
  grounding_.start_block(block);
  thinking_.clear();
  signature_.clear();
  if (type_ == "text") write_text(block["text"].text());
  if (type_ == "thinking") {
    signature_ = block["signature"].text();
    write_thought(block["thinking"].text());
  }
  if (type_ == "redacted_thinking") {
    Tag tag{Dialect::anthropic, context_.issuer, {}};
    JsonOut(tag.data).object().raw("redacted", block["data"]).end();
    keep(tags_, told_tag(tag, {}, said_, false));
  }
  if (type_ == "tool_use") {
    call_id_ = block["id"].text();
    call_name_ = block["name"].text();
    if (block["input"].is_object() && !block["input"].is_empty()) input_ = block["input"].raw();
  }
}

void GeminiParts::take_delta(Json event) {
  const Json delta = event["delta"];
  const DeltaWords words = DeltaWords::of(delta);
  if (words.kind != DeltaWords::Kind::none) {
    delta_.learn(event, words, frame);
    return take_words(words.kind, words.words.text());
  }
  const Json type = delta["type"];
  if (type.is("signature_delta")) signature_ += delta["signature"].text();
  if (type.is("citations_delta") && type_ == "text") grounding_.cite(delta["citation"]);
}

void GeminiParts::take_words(DeltaWords::Kind kind, std::string_view words) {
  switch (kind) {
    case DeltaWords::Kind::none:
      return;
    case DeltaWords::Kind::text:
      if (type_ == "text") write_text(words);
      return;
    case DeltaWords::Kind::thinking:
      return write_thought(words);
    case DeltaWords::Kind::input:
      if (type_ == "tool_use") input_ += words;
      grounding_.input(words);
  }
}

void GeminiParts::stop_block() {
  grounding_.stop_block();
  if (type_ == "tool_use") write_call();
  if (type_ == "thinking" && !signature_.empty()) {
    auto tag = read_tag(signature_);
    if (!tag) {
      tag = Tag{Dialect::anthropic, context_.issuer, {}};
      JsonOut(tag->data).object().string("signature", signature_).end();
    }
    keep(tags_, told_tag(*tag, thinking_, said_, false));
  }
  type_.clear();
}

void GeminiParts::write_text(std::string_view text) {
  if (text.empty()) return;
  // What is signed is a part of its own: its reasoning stands in front of it.
  if (text_.empty() || !tags_.empty()) {
    end_text();
    grounding_.part();
    text_signature_.clear();
    if (!tags_.empty()) text_signature_ = taken_signature(false);
  }
  grounding_.text(text);
  said_ += characters_in(text);
  if (!whole_) return tell_text(text, text_signature_);
  text_ += text;
}

void GeminiParts::end_text() {
  if (!text_.empty()) tell_text(std::exchange(text_, {}), text_signature_);
}

void GeminiParts::tell_text(std::string_view text, const std::string& signature) {
  std::string part = R"({"text":)";
  wire::append_json_string(part, text);
  if (!signature.empty()) part += R"(,"thoughtSignature":)" + json_quoted(signature);
  part += '}';
  sink_.on_part(part);
}

void GeminiParts::write_thought(std::string_view text) {
  if (text.empty()) return;
  thinking_ += text;
  if (!context_.show_thinking) return;
  std::string part = R"({"text":)";
  wire::append_json_string(part, text);
  part += R"(,"thought":true})";
  tell(part);
}

void GeminiParts::write_call() {
  std::string part;
  JsonOut out(part);
  out.object().object("functionCall").string("id", call_id_);
  out.string("name", context_.names.back(call_name_));
  out.raw("args", input_from_arguments(input_)).end();
  if (const std::string signature = taken_signature(true); !signature.empty())
    out.string("thoughtSignature", signature);
  out.end();
  tell(part);
}

void GeminiParts::keep(std::vector<std::string>& list, std::string tag) {
  tags_bytes_ += tag.size() + sizeof(tag);
  list.push_back(std::move(tag));
}

std::string GeminiParts::taken_signature(bool call) {
  std::string tags;
  const auto add = [&tags](const std::string& tag) {
    if (!tags.empty()) tags += ' ';
    tags += tag;
  };
  if (call) {
    for (const std::string& tag : std::exchange(leads_, {})) add(tag);
    tags_bytes_ = 0;
  }
  for (const std::string& tag : std::exchange(tags_, {})) {
    add(tag);
    if (call) continue;
    tags_bytes_ -= tag.size() + sizeof(tag);
    keep(leads_, as_lead(tag));
  }
  return tags.empty() ? tags : base::base64_encoded(tags);
}

// What had no other place goes on an empty text, as with Gemini itself.
void GeminiParts::finish() {
  if (const std::string signature = taken_signature(false); !signature.empty()) {
    std::string part;
    JsonOut(part).object().string("text", "").string("thoughtSignature", signature).end();
    tell(part);
  }
  end_text();
  sink_.on_finish(gemini_finish(reason_), usage_, grounding_.json());
}

}  // namespace ccrelay::dialect
