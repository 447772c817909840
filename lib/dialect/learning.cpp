#include "dialect/learning.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "dialect/errors.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

// What a request is about: without it, it would be another one.
constexpr std::array<std::string_view, 18> needed_fields{
    "model",
    "messages",
    "system",
    "input",
    "instructions",
    "contents",
    "tools",
    "stream",
    "tool_choice",
    "store",
    "systemInstruction",
    // What its client goes on from.
    "previous_response_id",
    "conversation",
    "prompt",
    "background",
    "functions",
    "function_call",
    "cachedContent",
};
constexpr std::array<std::string_view, 9> refusing_words{
    "unsupported",  "not supported",     "does not support",     "doesn't support", "extra inputs",
    "unknown name", "unknown parameter", "unrecognized request", "not permitted",
};
// Objects of which single members can go.
constexpr std::array<std::string_view, 5> opened_fields{"generationConfig", "thinkingConfig",
                                                        "text", "output_config", "reasoning"};

template <class List>
bool is_listed(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_name_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// As a word of its own: `max_tokens` is not in `max_tokens_to_sample`.
bool names(std::string_view text, std::string_view field) {
  for (std::size_t at = text.find(field); at != std::string_view::npos;
       at = text.find(field, at + 1)) {
    const std::size_t end = at + field.size();
    const bool begins = at == 0 || !is_name_byte(text[at - 1]);
    if (begins && (end == text.size() || !is_name_byte(text[end]))) return true;
  }
  return false;
}

std::string_view last_segment(std::string_view field) {
  return field.substr(field.rfind('.') + 1);
}

// `param` is the field, or something inside of it.
bool is_about(std::string_view param, std::string_view field) {
  if (param.substr(0, field.size()) != field) return false;
  return param.size() == field.size() || !is_name_byte(param[field.size()]);
}

bool refuses(std::string_view message) {
  const std::string lower = base::lower(message);
  return std::any_of(refusing_words.begin(), refusing_words.end(), [&](std::string_view words) {
    return lower.find(words) != std::string::npos;
  });
}

std::string_view swapped(std::string_view field) {
  if (field == "max_tokens") return "max_completion_tokens";
  return field == "max_completion_tokens" ? "max_tokens" : std::string_view();
}

// What stands inside of it first.
void add_fields(const std::string& path, std::string_view name, Json value,
                std::vector<std::string>& out) {
  if (is_listed(opened_fields, name)) {
    for (const JsonMember& inner : value.members()) {
      const std::string inner_name = inner.name();
      add_fields(path + '.' + inner_name, inner_name, inner.value, out);
    }
  }
  if (name != "generationConfig") out.push_back(path);
}

void write_without(JsonOut& json, Json object, std::string_view field) {
  const auto dot = field.find('.');
  json.object();
  for (const JsonMember& member : object.members()) {
    const std::string name = member.name();
    if (name != field.substr(0, dot)) {
      json.raw(name, member.value);
    } else if (dot != std::string_view::npos && member.value.is_object()) {
      json.key(name);
      write_without(json, member.value, field.substr(dot + 1));
    } else if (const std::string_view other = swapped(field); !other.empty()) {
      json.raw(other, member.value);
    }
  }
  json.end();
}

}  // namespace

std::vector<std::string> optional_fields(Dialect provider, std::string_view request) {
  std::vector<std::string> out;
  const Json body = Json::read(request);
  for (const JsonMember& member : body.members()) {
    const std::string name = member.name();
    // Anthropic's cannot be left out; OpenAI's two are exchanged.
    if (is_listed(needed_fields, name) || (provider == Dialect::anthropic && name == "max_tokens"))
      continue;
    add_fields(name, name, member.value, out);
  }
  return out;
}

std::string refused_field(Dialect provider, int status, std::string_view answer,
                          std::string_view request) {
  if (status != 400 && status != 422) return {};
  const HubError error = read_error(provider, status, answer);
  const std::vector<std::string> fields = optional_fields(provider, request);
  if (!error.param.empty()) {
    // The most special one: fields are told before what they stand in.
    for (const std::string& field : fields) {
      if (is_about(error.param, field)) return field;
    }
    return {};
  }
  if (!refuses(error.message)) return {};
  for (const std::string& field : fields) {
    if (names(error.message, field) || names(error.message, last_segment(field))) return field;
  }
  return {};
}

bool has_field(std::string_view request, std::string_view field) {
  Json at = Json::read(request);
  while (at && !field.empty()) {
    const auto dot = std::min(field.find('.'), field.size());
    at = at[field.substr(0, dot)];
    field.remove_prefix(std::min(dot + 1, field.size()));
  }
  return static_cast<bool>(at);
}

std::string without_field(std::string_view request, std::string_view field) {
  std::string out;
  JsonOut json(out);
  write_without(json, Json::read(request), field);
  return out;
}

}  // namespace ccrelay::dialect
