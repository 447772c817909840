#include "dialect/gemini_schema.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"
#include "dialect/json_out.hpp"
#include "dialect/schema_words.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view no_parameters = R"({"type":"object","properties":{}})";

// With those that only some clients write.
bool maps_schemas(std::string_view keyword) {
  static constexpr std::array<std::string_view, 3> more{"patternProperties", "dependentSchemas",
                                                        "defs"};
  return names_schemas(keyword) || std::find(more.begin(), more.end(), keyword) != more.end();
}

// Their values are no schemas, whatever they look like.
bool holds_data(std::string_view keyword) {
  static constexpr std::array<std::string_view, 6> words{"enum",    "const",    "default",
                                                         "example", "examples", "required"};
  return std::find(words.begin(), words.end(), keyword) != words.end();
}

void write_clean(JsonOut& out, Json value);

void write_clean_map(JsonOut& out, Json map) {
  out.object();
  for (const JsonMember& named : map.members()) write_clean(out.key(named), named.value);
  out.end();
}

void write_clean(JsonOut& out, Json value) {
  if (value.is_array()) {
    out.array();
    for (const Json item : value.items()) write_clean(out, item);
    out.end();
    return;
  }
  if (!value.is_object()) {
    out.raw(value);
    return;
  }
  out.object();
  for (const JsonMember& member : value.members()) {
    if (member.is("$schema") || member.is("$id")) continue;
    out.key(member);
    const bool is_object = member.value.is_object();
    if (!is_object && !member.value.is_array()) {
      out.raw(member.value);
      continue;
    }
    const std::string keyword = member.name();
    if (holds_data(keyword)) {
      out.raw(member.value);
    } else if (is_object && maps_schemas(keyword)) {
      write_clean_map(out, member.value);
    } else {
      write_clean(out, member.value);
    }
  }
  out.end();
}

char upper_letter(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

// As the other spelling has it: any_of is anyOf.
std::string camel(const std::string& keyword) {
  std::string out;
  for (std::size_t i = 0; i < keyword.size(); ++i) {
    const bool joins = keyword[i] == '_' && !out.empty() && i + 1 < keyword.size();
    out += joins ? upper_letter(keyword[++i]) : keyword[i];
  }
  return out;
}

// proto3 writes its 64-bit integers as strings.
bool counts_something(std::string_view keyword) {
  return keyword.size() > 3 && (keyword.substr(0, 3) == "min" || keyword.substr(0, 3) == "max");
}

void write_lower_types(JsonOut& out, Json type, bool nullable) {
  if (!nullable && type.is_string()) {
    out.string(base::lower(type.text()));
    return;
  }
  bool null_told = false;
  const auto write = [&](const std::string& word) {
    null_told = null_told || word == "null";
    out.string(word);
  };
  out.array();
  if (type.is_string()) write(base::lower(type.text()));
  for (const Json each : type.items()) write(base::lower(each.text()));
  if (nullable && !null_told) out.string("null");
  out.end();
}

void write_back(JsonOut& out, Json schema);

void write_back_list(JsonOut& out, Json list, bool nullable) {
  out.array();
  for (const Json item : list.items()) write_back(out, item);
  if (nullable) out.object().string("type", "null").end();
  out.end();
}

void write_back_map(JsonOut& out, Json map) {
  out.object();
  for (const JsonMember& named : map.members()) {
    out.key(named.name());
    write_back(out, named.value);
  }
  out.end();
}

// What a keyword says, `nullable` seen to.
void write_back_keyword(JsonOut& out, const std::string& keyword, Json value, bool nullable,
                        bool typed) {
  if (keyword == "type") {
    out.key(keyword);
    write_lower_types(out, value, nullable);
  } else if (maps_schemas(keyword) && value.is_object()) {
    out.key(keyword);
    write_back_map(out, value);
  } else if (keyword == "enum" && nullable && value.is_array()) {
    out.array(keyword);
    bool null_told = false;
    for (const Json item : value.items()) {
      null_told = null_told || item.is_null();
      out.raw(item);
    }
    if (!null_told) out.null();
    out.end();
  } else if (holds_data(keyword)) {
    out.raw(keyword, value);
  } else if (value.is_array()) {
    out.key(keyword);
    write_back_list(out, value, nullable && !typed && keyword == "anyOf");
  } else if (value.is_object()) {
    out.key(keyword);
    write_back(out, value);
  } else if (counts_something(keyword) && value.is_string()) {
    const std::string digits = value.text();
    const bool number = Json::read(digits).is_number();
    if (number) out.raw(keyword, digits);
  } else {
    out.raw(keyword, value);
  }
}

void write_back(JsonOut& out, Json schema) {
  if (!schema.is_object()) {
    out.raw(schema);
    return;
  }
  bool nullable = false;
  bool typed = false;
  for (const JsonMember& member : schema.members()) {
    if (member.is("nullable")) nullable = member.value.is_true();
    if (member.is("type")) typed = true;
  }
  out.object();
  for (const JsonMember& member : schema.members()) {
    const std::string name = member.name();
    const std::string keyword = name.front() == '$' ? name : camel(name);
    if (keyword == "nullable" || keyword == "propertyOrdering" || keyword == "example") continue;
    if (keyword == "format" && member.value.is("enum")) continue;
    write_back_keyword(out, keyword, member.value, nullable, typed);
  }
  out.end();
}

}  // namespace

void write_gemini_json_schema(JsonOut& out, Json schema) {
  write_clean(out, schema);
}

std::string gemini_json_schema(Json schema) {
  std::string text;
  JsonOut out(text);
  write_clean(out, schema);
  return text;
}

std::string json_schema_of_gemini(Json schema) {
  std::string text;
  JsonOut out(text);
  write_back(out, schema);
  return text;
}

bool is_object_schema(Json schema) {
  return schema.is_object() && !schema.is_empty() && schema["type"].told();
}

std::string as_object_schema(Json schema) {
  if (!schema.is_object() || schema.is_empty()) return std::string(no_parameters);
  if (schema["type"].told()) return std::string(schema.raw());
  std::string text;
  JsonOut out(text);
  out.object().string("type", "object");
  for (const JsonMember& member : schema.members()) {
    if (!member.is("type")) out.raw(member.name(), member.value);
  }
  out.end();
  return text;
}

}  // namespace ccrelay::dialect
