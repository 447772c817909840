#include "support/vendor.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::testing {

using dialect::Dialect;
using dialect::json_quoted;

std::string line_of(const Said& said) {
  if (!said.error.empty()) return "error " + said.error;
  std::string line;
  if (!said.thinking.empty()) line += "thinks " + json_quoted(said.thinking) + " ";
  if (!said.text.empty()) line += "says " + json_quoted(said.text) + " ";
  for (const Said::Call& call : said.calls)
    line += "calls " + call.name + "(" + call.id + ") " + call.arguments + " ";
  return line + "stop " + said.stop;
}

std::string usage_line_of(const Said& said) {
  return "input " + std::to_string(said.input) + " cached " + std::to_string(said.cached) +
         " output " + std::to_string(said.output) + " thought " + std::to_string(said.thought);
}

void Strict::only(dialect::Json object, std::initializer_list<std::string_view> names,
                  std::string_view where) {
  need(object.is_object(), std::string(where) + " is no object");
  for (const dialect::JsonMember& member : object.members()) {
    const bool known = std::find(names.begin(), names.end(), member.name()) != names.end();
    need(known, "unknown member " + std::string(where) + "." + member.name());
  }
}

bool is_closed(dialect::Json schema, bool whole) {
  if (schema.is_array()) {
    for (const dialect::Json each : schema.items())
      if (!is_closed(each, whole)) return false;
  }
  if (!schema.is_object()) return true;
  bool of_objects = schema["type"].is("object") || schema["properties"];
  for (const dialect::Json type : schema["type"].items())
    of_objects = of_objects || type.is("object");
  if (of_objects && !schema["additionalProperties"].is_false()) return false;
  for (const dialect::JsonMember& property : schema["properties"].members()) {
    bool required = !whole;
    for (const dialect::Json name : schema["required"].items())
      required = required || name.text() == property.name();
    if (!required) return false;
  }
  // Where schemas stand by names that are no keywords.
  for (const char* names : {"properties", "$defs", "definitions", "patternProperties"}) {
    for (const dialect::JsonMember& named : schema[names].members())
      if (!is_closed(named.value, whole)) return false;
  }
  for (const char* keyword :
       {"items", "prefixItems", "anyOf", "allOf", "oneOf", "not", "if", "then", "else"})
    if (!is_closed(schema[keyword], whole)) return false;
  return true;
}

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

std::pair<std::string, std::string> pieces_of(const std::string& text) {
  std::size_t middle = text.size() / 2;
  while (middle < text.size() && (static_cast<unsigned char>(text[middle]) & 0xC0) == 0x80)
    ++middle;
  return {text.substr(0, middle), text.substr(middle)};
}

std::string Vendor::Answer::body() const {
  std::string all;
  for (const std::string& event : events) all += event;
  return all;
}

Vendor::Answer Vendor::answer(std::string_view target, std::string_view body) {
  Strict strict;
  heard_.clear();
  std::string error;
  const Json json = Json::read(body, &error);
  strict.need(json.is_object(), "no JSON: " + error);
  if (dialect_ == Dialect::anthropic) take_anthropic(json, strict);
  if (dialect_ == Dialect::chat) take_chat(json, strict);
  if (dialect_ == Dialect::responses) take_responses(json, strict);
  if (dialect_ == Dialect::gemini) take_gemini(target, json, strict);
  if (!strict.why().empty()) {
    refusals_.push_back(strict.why() + " in " + std::string(body));
    return this->error(400, "invalid_request_error", strict.why());
  }
  Said said;
  if (!next_.empty()) said = next_.front();
  if (next_.size() > 1) next_.pop_front();
  switch (dialect_) {
    case Dialect::anthropic:
      return say_anthropic(said, json["stream"].is_true());
    case Dialect::chat:
      return say_chat(said, json["stream"].is_true(),
                      json["stream_options"]["include_usage"].is_true());
    case Dialect::responses:
      return say_responses(said, json["stream"].is_true());
    case Dialect::gemini:
      break;
  }
  return say_gemini(said, target.find(":streamGenerateContent") != std::string_view::npos);
}

Vendor::Answer Vendor::error(int status, std::string_view type, std::string_view message) const {
  std::string body;
  dialect::JsonOut json(body);
  json.object();
  if (dialect_ == Dialect::anthropic) json.string("type", "error");
  json.object("error").string("message", message);
  if (dialect_ == Dialect::gemini) {
    json.number("code", status).string("status", type);
  } else {
    json.string("type", type);
  }
  if (dialect_ == Dialect::chat || dialect_ == Dialect::responses)
    json.null("param").string("code", type);
  json.end_all();
  return {status, "application/json", {body}};
}

std::string Vendor::encrypt(const std::string& text, const std::string& id) {
  const std::string secret =
      base::base64_encoded(name_ + " " + std::to_string(made_.size()) + " secret");
  made_[secret] = {text, id};
  return secret;
}

const Vendor::Made* Vendor::decrypted(std::string_view secret) const {
  const auto found = made_.find(secret);
  return found == made_.end() ? nullptr : &found->second;
}

void Vendor::hear(std::string_view what, std::string_view words) {
  heard_ += what;
  if (!words.empty()) heard_ += ": " + std::string(words);
  heard_ += '\n';
}

}  // namespace ccrelay::testing
