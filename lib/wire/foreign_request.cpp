#include "wire/foreign_request.hpp"

#include "base/literal.hpp"
#include "wire/message_reader.hpp"

namespace ccrelay::wire {
namespace {

namespace ondemand = simdjson::ondemand;

bool is_kind(ondemand::value& value, ondemand::json_type kind) {
  ondemand::json_type actual;
  return !value.type().get(actual) && actual == kind;
}

// As it stands there, with its escapes.
std::string_view raw_string(ondemand::value& value) {
  if (!is_kind(value, ondemand::json_type::string)) return {};
  const std::string_view token = value.raw_json_token();
  const auto close = token.find_last_of('"');
  return close == 0 ? std::string_view() : token.substr(1, close - 1);
}

// A turn of the model's own, also one of OpenAI's items that have no role.
bool is_answer(std::string_view role, std::string_view type) {
  return role == "assistant" || role == "model" || type == "reasoning" || type.ends_with("_call");
}

}  // namespace

ForeignRequest::ForeignRequest(ReadOptions options, RequestView& view)
    : view_(view), dialect_(options.dialect), wants_conversation_(options.conversation) {}

ForeignRequest::Part ForeignRequest::part_of(std::string_view key) const {
  switch (dialect_) {
    case Dialect::chat:
      return key == "messages" ? Part::messages : Part::neither;
    case Dialect::responses:
      if (key == "input") return Part::messages;
      return key == "instructions" ? Part::instructions : Part::neither;
    case Dialect::gemini:
      if (key == "contents") return Part::messages;
      return key == "systemInstruction" || key == "system_instruction" ? Part::instructions
                                                                       : Part::neither;
    case Dialect::anthropic:
    case Dialect::bedrock:
    case Dialect::vertex:
      break;
  }
  return Part::neither;
}

simdjson::error_code ForeignRequest::read_member(std::string_view key, Value value) {
  if (const Part part = part_of(key); part != Part::neither) {
    const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(part));
    if (seen_ & bit) twice_ = key;
    seen_ |= bit;
    if (!wants_conversation_) return simdjson::SUCCESS;
    if (part == Part::messages) return read_turns(value);
    base::StableHasher texts;
    bool any = false;
    if (auto error = read_texts(value, texts, any)) return error;
    if (any) instructions_ = 31 * instructions_ + texts.value();
    return simdjson::SUCCESS;
  }
  if (dialect_ == Dialect::gemini) {
    return key == "generationConfig" || key == "generation_config" ? read_limits(value)
                                                                   : simdjson::SUCCESS;
  }
  if (base::is_literal(key, "prompt_cache_key")) {
    std::string_view text;
    if (is_kind(value, ondemand::json_type::string) && !value.get_string().get(text)) {
      view_.cache_key = text;
    }
  } else if (key == "max_completion_tokens" || key == "max_tokens" || key == "max_output_tokens") {
    take_limit(value);
  }
  return simdjson::SUCCESS;
}

void ForeignRequest::finish() {
  if (beginning_) view_.conversation = 31 * instructions_ + *beginning_;
}

void ForeignRequest::take_limit(Value value) {
  std::uint64_t tokens = 0;
  if (!value.get_uint64().get(tokens)) view_.max_tokens = tokens;
}

simdjson::error_code ForeignRequest::read_limits(Value value) {
  if (!is_kind(value, ondemand::json_type::object)) return simdjson::SUCCESS;
  ondemand::object object;
  if (auto error = value.get_object().get(object)) return error;
  for (auto found : object) {
    ondemand::value one;
    if (auto error = found.value().get(one)) return error;
    std::string_view key;
    if (read_name(found, key)) continue;
    if (key == "maxOutputTokens" || key == "max_output_tokens") take_limit(one);
  }
  return simdjson::SUCCESS;
}

simdjson::error_code ForeignRequest::read_turns(Value turns) {
  if (is_kind(turns, ondemand::json_type::string) || is_kind(turns, ondemand::json_type::object)) {
    // `input` of one text, `contents` of one turn.
    if (is_kind(turns, ondemand::json_type::object)) return read_turn(turns);
    base::StableHasher texts;
    bool any = false;
    if (auto error = read_texts(turns, texts, any)) return error;
    if (any) take_turn("user", {}, texts.value());
    return simdjson::SUCCESS;
  }
  if (!is_kind(turns, ondemand::json_type::array)) return simdjson::SUCCESS;
  ondemand::array array;
  if (auto error = turns.get_array().get(array)) return error;
  for (auto found : array) {
    ondemand::value turn;
    if (auto error = std::move(found).get(turn)) return error;
    if (auto error = read_turn(turn)) return error;
    if (began_ && view_.answered) break;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code ForeignRequest::read_turn(Value turn) {
  if (!is_kind(turn, ondemand::json_type::object)) return simdjson::SUCCESS;
  ondemand::object object;
  if (auto error = turn.get_object().get(object)) return error;
  std::string_view role;
  std::string_view type;
  std::optional<std::uint64_t> told;
  for (auto found : object) {
    ondemand::value value;
    if (auto error = found.value().get(value)) return error;
    std::string_view key;
    if (read_name(found, key)) continue;
    if (base::is_literal(key, "role")) {
      role = raw_string(value);
    } else if (base::is_literal(key, "type")) {
      type = raw_string(value);
    } else if (!began_ && key == (dialect_ == Dialect::gemini ? "parts" : "content")) {
      base::StableHasher texts;
      bool any = false;
      if (auto error = read_texts(value, texts, any)) return error;
      if (any) told = texts.value();
    }
  }
  // Gemini takes a turn without a role for the user's.
  if (role.empty() && dialect_ == Dialect::gemini) role = "user";
  take_turn(role, type, told);
  return simdjson::SUCCESS;
}

void ForeignRequest::take_turn(std::string_view role, std::string_view type,
                               const std::optional<std::uint64_t>& texts) {
  if (is_answer(role, type)) view_.answered = true;
  if (began_) return;
  if (role == "user") {
    began_ = true;
    beginning_ = texts;
  } else if ((role == "system" || role == "developer") && texts) {
    instructions_ = 31 * instructions_ + *texts;
  }
}

simdjson::error_code ForeignRequest::read_texts(Value content, base::StableHasher& texts,
                                                bool& any) const {
  if (const std::string_view text = raw_string(content); !text.empty()) {
    texts.add(text);
    any = true;
    return simdjson::SUCCESS;
  }
  if (is_kind(content, ondemand::json_type::object)) {
    ondemand::object object;
    if (auto error = content.get_object().get(object)) return error;
    for (auto found : object) {
      ondemand::value value;
      if (auto error = found.value().get(value)) return error;
      std::string_view key;
      if (read_name(found, key)) continue;
      if (!base::is_literal(key, "parts") && !base::is_literal(key, "text")) continue;
      if (auto error = read_texts(value, texts, any)) return error;
    }
    return simdjson::SUCCESS;
  }
  if (!is_kind(content, ondemand::json_type::array)) return simdjson::SUCCESS;
  ondemand::array array;
  if (auto error = content.get_array().get(array)) return error;
  for (auto found : array) {
    ondemand::value part;
    if (auto error = std::move(found).get(part)) return error;
    if (auto error = read_texts(part, texts, any)) return error;
  }
  return simdjson::SUCCESS;
}

}  // namespace ccrelay::wire
