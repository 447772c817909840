#include "wire/message_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/literal.hpp"

namespace ccrelay::wire {

namespace ondemand = simdjson::ondemand;

namespace {

// Claude Code puts this in front of its system prompt; what follows differs from prompt to prompt.
constexpr std::string_view billing_header = "x-anthropic-billing-header";

bool is(ondemand::value& value, ondemand::json_type type) {
  ondemand::json_type actual;
  return !value.type().get(actual) && actual == type;
}

// Without its quotes; empty if it is no string.
std::string_view raw_text_of(ondemand::value value) {
  if (!is(value, ondemand::json_type::string)) return {};
  // The token runs to the next structural character: the closing quote ends the string.
  const std::string_view token = value.raw_json_token();
  const auto close = token.find_last_of('"');
  return close == 0 ? std::string_view() : token.substr(1, close - 1);
}

// As it is meant; empty if it is no string or one without meaning, such as half a surrogate pair.
// It is copied only where there are escapes to be resolved.
std::string_view text_of(ondemand::value value) {
  const std::string_view raw = raw_text_of(value);
  if (raw.find('\\') == std::string_view::npos) return raw;
  std::string_view text;
  if (value.get_string().get(text)) return {};
  return text;
}

// As it stands there; empty where it means nothing.
std::string_view raw_signature_of(ondemand::value value) {
  const std::string_view raw = raw_text_of(value);
  const bool escaped = raw.find('\\') != std::string_view::npos;
  return escaped && text_of(value).empty() ? std::string_view() : raw;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

simdjson::error_code read_name(simdjson::simdjson_result<ondemand::field>& member,
                               std::string_view& name) {
  ondemand::raw_json_string raw;
  if (auto error = member.key().get(raw)) return error;
  // It ends somewhere: a string that does not has been refused.
  const char* end = raw.raw();
  while (*end != '"' && *end != '\\') ++end;
  if (*end == '\\') return member.unescaped_key().get(name);
  name = {raw.raw(), static_cast<std::size_t>(end - raw.raw())};
  return simdjson::SUCCESS;
}

MessageReader::MessageReader(ondemand::document& document, std::string_view body,
                             ReadOptions options, RequestView& view)
    : document_(document),
      body_(body),
      view_(view),
      wants_thinking_(options.thinking),
      wants_conversation_(options.conversation),
      wants_caching_(options.caching) {}

simdjson::error_code MessageReader::read_system(ondemand::value system) {
  if (!wants_conversation_ && !looks_for_caching()) return simdjson::SUCCESS;
  return read_content(system, [this](const Block& block) {
    if (block.text.substr(0, billing_header.size()) != billing_header) system_.add(block.text);
  });
}

simdjson::error_code MessageReader::read_tools(ondemand::value tools) {
  if (!looks_for_caching()) return simdjson::SUCCESS;
  return read_content(tools, [](const Block&) {});
}

void MessageReader::read_cache_control(ondemand::value value) {
  if (looks_for_caching()) view_.caches = is(value, ondemand::json_type::object);
}

simdjson::error_code MessageReader::read_messages(ondemand::value messages) {
  if (!wants_thinking_ && !wants_conversation_ && !looks_for_caching()) return simdjson::SUCCESS;
  if (!is(messages, ondemand::json_type::array)) return simdjson::SUCCESS;
  ondemand::array array;
  if (auto error = messages.get_array().get(array)) return error;
  for (auto found : array) {
    ondemand::value message;
    if (auto error = std::move(found).get(message)) return error;
    if (auto error = read_message(message)) return error;
    const bool is_known = !wants_conversation_ || (began_ && view_.answered);
    if (is_known && !wants_thinking_ && !looks_for_caching()) break;
  }
  return simdjson::SUCCESS;
}

void MessageReader::finish() {
  if (beginning_) view_.conversation = 31 * system_.value() + beginning_->value();
}

simdjson::error_code MessageReader::read_message(ondemand::value message) {
  if (!is(message, ondemand::json_type::object)) return simdjson::SUCCESS;
  ondemand::object object;
  if (auto error = message.get_object().get(object)) return error;
  std::string_view role;
  bool may_be_first = wants_conversation_ && !began_;
  std::optional<base::StableHasher> texts;
  const std::size_t thinking_before = view_.thinking.size();
  const std::size_t ids_before = view_.foreign_ids.size();
  for (auto found : object) {
    ondemand::value value;
    if (auto error = found.value().get(value)) return error;
    std::string_view key;
    if (read_name(found, key)) continue;
    if (base::is_literal(key, "role")) {
      role = text_of(value);
      may_be_first = may_be_first && base::is_literal(role, "user");
    } else if (base::is_literal(key, "content")) {
      // The role may stand behind the content.
      const bool may_think =
          wants_thinking_ && (role.empty() || base::is_literal(role, "assistant"));
      if (!may_think && !may_be_first && !looks_for_caching()) continue;
      const auto error = read_content(value, [&](const Block& block) {
        if (may_think) {
          take_thinking(block);
          take_id(block);
          view_.searched = view_.searched || base::is_literal(block.type, "web_search_tool_result");
        }
        if (!may_be_first || block.text.empty()) return;
        if (!texts) texts.emplace();
        texts->add(block.text);
      });
      if (error) return error;
    }
  }
  if (base::is_literal(role, "assistant")) {
    view_.answered = true;
  } else {
    view_.thinking.resize(thinking_before);
    view_.foreign_ids.resize(ids_before);
  }
  if (may_be_first && base::is_literal(role, "user")) {
    began_ = true;
    beginning_ = texts;
  }
  return simdjson::SUCCESS;
}

// Calls the sink for each block. A string is one block of text.
template <class Sink>
simdjson::error_code MessageReader::read_content(ondemand::value content, Sink sink) {
  if (is(content, ondemand::json_type::string)) {
    Block block;
    block.text = raw_text_of(content);
    sink(block);
    return simdjson::SUCCESS;
  }
  if (!is(content, ondemand::json_type::array)) return simdjson::SUCCESS;
  ondemand::array array;
  if (auto error = content.get_array().get(array)) return error;
  for (auto found : array) {
    ondemand::value value;
    if (auto error = std::move(found).get(value)) return error;
    if (!is(value, ondemand::json_type::object)) continue;
    Block block;
    if (auto error = read_block(value, block)) return error;
    sink(block);
  }
  return simdjson::SUCCESS;
}

simdjson::error_code MessageReader::read_block(ondemand::value whole, Block& block) {
  block.span.offset = static_cast<std::size_t>(whole.raw_json_token().data() - body_.data());
  ondemand::object object;
  if (auto error = whole.get_object().get(object)) return error;
  for (auto found : object) {
    ondemand::value value;
    if (auto error = found.value().get(value)) return error;
    std::string_view key;
    if (read_name(found, key)) continue;
    if (base::is_literal(key, "type")) {
      block.type = text_of(value);
    } else if (base::is_literal(key, "text")) {
      block.text = raw_text_of(value);
    } else if (base::is_literal(key, "signature") && wants_thinking_) {
      block.signature = raw_signature_of(value);
    } else if (base::is_literal(key, "data") && wants_thinking_) {
      block.data = raw_signature_of(value);
    } else if (base::is_literal(key, "id") && wants_thinking_) {
      block.id = raw_text_of(value);
    } else if (base::is_literal(key, "cache_control")) {
      read_cache_control(value);
    }
  }
  // The pass now stands at what follows the block.
  const char* next = nullptr;
  if (auto error = document_.current_location().get(next)) return error;
  const auto end = body_.find_last_of('}', static_cast<std::size_t>(next - body_.data()) - 1) + 1;
  block.span.length = end - block.span.offset;
  return simdjson::SUCCESS;
}

// ^[a-zA-Z0-9_-]{1,64}$ is what Anthropic's errors ask for.
void MessageReader::take_id(const Block& block) {
  if (block.id.empty()) return;
  const bool fits =
      block.id.size() <= 64 && std::all_of(block.id.begin(), block.id.end(), [](char c) {
        return is_letter_or_digit(c) || c == '_' || c == '-';
      });
  if (fits || !base::is_literal(block.type, "tool_use")) return;
  view_.foreign_ids.push_back(
      {static_cast<std::size_t>(block.id.data() - body_.data()), block.id.size()});
}

void MessageReader::take_thinking(const Block& block) {
  const bool redacted = base::is_literal(block.type, "redacted_thinking");
  if (!redacted && !base::is_literal(block.type, "thinking")) return;
  const std::string_view signature = redacted ? block.data : block.signature;
  ThinkingBlock& thinking = view_.thinking.emplace_back();
  thinking.span = block.span;
  if (signature.empty()) return;
  thinking.signature = {static_cast<std::size_t>(signature.data() - body_.data()),
                        signature.size()};
}

}  // namespace ccrelay::wire
