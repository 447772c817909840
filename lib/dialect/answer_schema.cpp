#include "dialect/answer_schema.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "dialect/json_out.hpp"
#include "dialect/schema_words.hpp"

namespace ccrelay::dialect {
namespace {

using std::string_view_literals::operator""sv;

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 9> formats_of_strings{
    "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"};

bool allows_objects(Json type) {
  bool found = type.is("object");
  for (const Json each : type.items()) found = found || each.is("object");
  return found;
}

bool is_simple(Json value) {
  return !value.is_object() && !value.is_array();
}

// ---- OpenAI's strict mode

bool is_strict_keyword(std::string_view keyword, Json value) {
  static constexpr std::array words{
      "$schema"sv,  "$ref"sv,     "enum"sv,       "const"sv,           "description"sv,
      "title"sv,    "pattern"sv,  "maximum"sv,    "minimum"sv,         "exclusiveMaximum"sv,
      "minItems"sv, "maxItems"sv, "multipleOf"sv, "exclusiveMinimum"sv};
  if (keyword == "format") return is_one_of(formats_of_strings, value.text());
  return is_one_of(words, keyword);
}

// `open`: an object may say nothing of further properties.
bool holds_strictly(Json schema, bool open) {
  if (!schema.is_object()) return false;
  bool closed = open, of_objects = false;
  Json properties, required;
  for (const JsonMember& member : schema.members()) {
    const std::string keyword = member.name();
    if (keyword == "type") {
      of_objects = of_objects || allows_objects(member.value);
    } else if (keyword == "additionalProperties") {
      closed = member.value.is_false();
    } else if (keyword == "required") {
      required = member.value;
    } else if (names_schemas(keyword)) {
      if (keyword == "properties") properties = member.value;
      for (const JsonMember& named : member.value.members())
        if (!holds_strictly(named.value, open)) return false;
    } else if (keyword == "anyOf") {
      for (const Json each : member.value.items())
        if (!holds_strictly(each, open)) return false;
    } else if (keyword == "items") {
      if (!holds_strictly(member.value, open)) return false;
    } else if (!is_strict_keyword(keyword, member.value)) {
      return false;
    }
  }
  if (!of_objects && !properties) return true;
  std::set<std::string> named;
  for (const Json each : required.items()) named.insert(each.text());
  for (const JsonMember& property : properties.members())
    if (!named.contains(property.name())) return false;
  return closed;
}

// Of what holds_strictly() but for objects that say nothing of further properties.
void write_shut(JsonOut& out, Json schema) {
  bool told = false, of_objects = false;
  out.object();
  for (const JsonMember& member : schema.members()) {
    const std::string keyword = member.name();
    told = told || keyword == "additionalProperties";
    of_objects = of_objects || keyword == "properties" ||
                 (keyword == "type" && allows_objects(member.value));
    out.key(member);
    if (names_schemas(keyword) && member.value.is_object()) {
      out.object();
      for (const JsonMember& named : member.value.members())
        write_shut(out.key(named), named.value);
      out.end();
    } else if (keyword == "anyOf" && member.value.is_array()) {
      out.array();
      for (const Json each : member.value.items()) write_shut(out, each);
      out.end();
    } else if (keyword == "items") {
      write_shut(out, member.value);
    } else {
      out.raw(member.value);
    }
  }
  if (of_objects && !told) out.boolean("additionalProperties", false);
  out.end();
}

// ---- Anthropic

bool is_list_of_schemas(std::string_view keyword) {
  return is_one_of(std::array{"anyOf"sv, "allOf"sv, "oneOf"sv}, keyword);
}

// Says nothing of what an answer is.
bool is_beside_the_point(std::string_view keyword) {
  return is_one_of(std::array{"$schema"sv, "$id"sv, "$comment"sv}, keyword);
}

bool is_taken_by_anthropic(std::string_view keyword, Json value) {
  if (keyword == "enum") {
    for (const Json each : value.items())
      if (!is_simple(each)) return false;
    return true;
  }
  if (keyword == "const") return is_simple(value);
  if (keyword == "format") return value.is("uri") || is_one_of(formats_of_strings, value.text());
  if (keyword == "minItems") return value.raw() == "0" || value.raw() == "1";
  return is_one_of(std::array{"type"sv, "required"sv, "$ref"sv, "title"sv, "default"sv}, keyword);
}

class ClosedSchema {
 public:
  ClosedSchema(JsonOut& out, Json schema) : out_(out), schema_(schema) {}

  void write() {
    if (!schema_.is_object()) {
      out_.raw(schema_);
      return;
    }
    look();
    out_.object();
    for (const JsonMember& member : schema_.members()) write_member(member);
    if (!bounds_.empty()) {
      std::string text = description_.text();
      text.append(text.empty() ? "{" : "\n\n{").append(bounds_) += '}';
      out_.string("description", text);
    }
    if (of_objects_) out_.boolean("additionalProperties", false);
    out_.end();
  }

 private:
  enum class Kind { schema, list, map, as_it_is, bound, nothing };

  Kind kind_of(std::string_view keyword, Json value) const {
    if (is_beside_the_point(keyword) || keyword == "additionalProperties") return Kind::nothing;
    if (keyword == "description") return bounds_.empty() ? Kind::as_it_is : Kind::nothing;
    if (names_schemas(keyword) && value.is_object()) return Kind::map;
    if (keyword == "anyOf" || keyword == "allOf" || (keyword == "oneOf" && !any_of_))
      return Kind::list;
    if (keyword == "items" && value.is_object()) return Kind::schema;
    return is_taken_by_anthropic(keyword, value) ? Kind::as_it_is : Kind::bound;
  }

  // What has to be known before the first member is written.
  void look() {
    for (const JsonMember& member : schema_.members()) {
      if (member.is("type")) of_objects_ = of_objects_ || allows_objects(member.value);
      if (member.is("properties")) of_objects_ = true;
      if (member.is("anyOf")) any_of_ = true;
      if (member.is("description")) description_ = member.value;
    }
    for (const JsonMember& member : schema_.members()) {
      const std::string keyword = member.name();
      if (kind_of(keyword, member.value) != Kind::bound) continue;
      if (!bounds_.empty()) bounds_ += ", ";
      bounds_.append(keyword).append(": ").append(member.value.raw());
    }
  }

  void write_member(const JsonMember& member) {
    const std::string keyword = member.name();
    switch (kind_of(keyword, member.value)) {
      case Kind::schema:
        return write_closed_schema(out_.key(keyword), member.value);
      case Kind::list:
        out_.array(keyword == "oneOf" ? std::string_view("anyOf") : std::string_view(keyword));
        for (const Json each : member.value.items()) write_closed_schema(out_, each);
        out_.end();
        return;
      case Kind::map:
        out_.object(std::string_view(keyword));
        for (const JsonMember& named : member.value.members())
          write_closed_schema(out_.key(named), named.value);
        out_.end();
        return;
      case Kind::as_it_is:
        out_.key(member).raw(member.value);
        return;
      case Kind::bound:
      case Kind::nothing:
        return;
    }
  }

  JsonOut& out_;
  const Json schema_;
  bool of_objects_ = false;
  bool any_of_ = false;
  Json description_;
  std::string bounds_;
};

}  // namespace

bool may_be_strict(Json schema) {
  return schema["type"].is("object") && !schema["anyOf"] && holds_strictly(schema, false);
}

std::string strict_schema(Json schema) {
  if (may_be_strict(schema)) return std::string(schema.raw());
  if (!schema["type"].is("object") || schema["anyOf"] || !holds_strictly(schema, true)) return {};
  std::string text;
  JsonOut out(text);
  write_shut(out, schema);
  return text;
}

bool may_be_closed(Json schema) {
  for (const JsonMember& member : schema.members()) {
    const std::string keyword = member.name();
    if (keyword == "patternProperties") return false;
    if (keyword == "additionalProperties" && !member.value.is_false()) return false;
    if (names_schemas(keyword)) {
      for (const JsonMember& named : member.value.members())
        if (!may_be_closed(named.value)) return false;
    } else if (is_list_of_schemas(keyword)) {
      for (const Json each : member.value.items())
        if (!may_be_closed(each)) return false;
    } else if (keyword == "items" && !may_be_closed(member.value)) {
      return false;
    }
  }
  return true;
}

void write_closed_schema(JsonOut& out, Json schema) {
  ClosedSchema(out, schema).write();
}

}  // namespace ccrelay::dialect
