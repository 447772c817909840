#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/gemini_schema.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

// References may make a small text huge: what lies beyond becomes `{}`.
constexpr std::size_t inlined_max = 2000;
// Schemas in schemas; each level takes some stack.
constexpr std::size_t open_depth_max = 200;
constexpr std::size_t reference_depth_max = 100;

// What Gemini's Schema can say.
struct OpenSchema {
  std::string type;
  bool nullable = false;
  std::vector<std::string> enumeration;  // JSON strings
  bool enumeration_lost = false;         // it had others than strings
  std::string items;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string> required;
  std::vector<std::string> any_of;
  std::vector<std::pair<std::string, std::string>> others;  // keyword, JSON text

  std::set<std::string, std::less<>> property_names;

  bool has_property(std::string_view name) const { return property_names.contains(name); }
  bool has_other(std::string_view name) const {
    return std::any_of(others.begin(), others.end(),
                       [&](const auto& each) { return each.first == name; });
  }
};

bool is_plain_keyword(std::string_view keyword) {
  static constexpr std::array<std::string_view, 14> words{
      "title",         "description",   "default",   "pattern",         "minimum",
      "maximum",       "minLength",     "maxLength", "minItems",        "maxItems",
      "minProperties", "maxProperties", "example",   "propertyOrdering"};
  return std::find(words.begin(), words.end(), keyword) != words.end();
}

bool knows_format(std::string_view format) {
  static constexpr std::array<std::string_view, 7> words{"enum",  "date-time", "float", "double",
                                                         "int32", "int64",     "time"};
  return std::find(words.begin(), words.end(), format) != words.end();
}

std::string upper_word(std::string word) {
  for (char& c : word) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return word;
}

// RFC 6901: ~1 is a slash, ~0 a tilde.
std::string pointer_step(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '~' && i + 1 < step.size()) {
      out += step[++i] == '1' ? '/' : '~';
    } else {
      out += step[i];
    }
  }
  return out;
}

// Turns one schema and all in it; keeps where it is, because references count from the root.
class OpenSchemaMaker {
 public:
  explicit OpenSchemaMaker(Json root) : root_(root) {}

  std::string make(Json schema) {
    if (!schema.is_object() || depth_ == open_depth_max) return "{}";
    ++depth_;
    OpenSchema open;
    fold(schema, open);
    --depth_;
    return written(open);
  }

 private:
  void fold(Json schema, OpenSchema& open) {
    for (const JsonMember& member : schema.members()) fold_keyword(member, open);
  }

  void fold_keyword(const JsonMember& member, OpenSchema& open) {
    const std::string keyword = member.name();
    const Json value = member.value;
    if (keyword == "$ref") return fold_reference(value.text(), open);
    if (keyword == "type") return fold_type(value, open);
    if (keyword == "nullable") {
      open.nullable = open.nullable || value.is_true();
    } else if (keyword == "enum") {
      for (const Json each : value.items()) fold_word(each, open);
    } else if (keyword == "const") {
      fold_word(value, open);
    } else if (keyword == "properties") {
      for (const JsonMember& each : value.members()) {
        std::string name = each.name();
        if (!open.property_names.insert(name).second) continue;
        open.properties.emplace_back(std::move(name), make(each.value));
      }
    } else if (keyword == "required") {
      for (const Json each : value.items()) open.required.push_back(each.text());
    } else if (keyword == "items") {
      if (open.items.empty() && value.is_object()) open.items = make(value);
    } else if (keyword == "allOf") {
      for (const Json each : value.items()) fold(each, open);
    } else if (keyword == "anyOf" || keyword == "oneOf") {
      fold_choices(value, open);
    } else if (keyword == "format") {
      if (knows_format(value.text()) && !open.has_other(keyword))
        open.others.emplace_back(keyword, value.raw());
    } else if (is_plain_keyword(keyword) && !open.has_other(keyword)) {
      open.others.emplace_back(keyword, value.raw());
    }
  }

  void fold_reference(const std::string& reference, OpenSchema& open) {
    const bool cycle = std::find(path_.begin(), path_.end(), reference) != path_.end();
    if (cycle || inlined_ == inlined_max || path_.size() == reference_depth_max) return;
    const std::optional<Json> target = resolved(reference);
    if (!target) return;
    ++inlined_;
    path_.push_back(reference);
    fold(*target, open);
    path_.pop_back();
  }

  std::optional<Json> resolved(std::string_view reference) const {
    if (reference.empty() || reference.front() != '#') return std::nullopt;
    reference.remove_prefix(1);
    Json at = root_;
    while (!reference.empty()) {
      reference.remove_prefix(1);  // the slash
      const std::size_t end = std::min(reference.find('/'), reference.size());
      at = at[pointer_step(reference.substr(0, end))];
      reference.remove_prefix(end);
    }
    if (!at.is_object()) return std::nullopt;
    return at;
  }

  void fold_type(Json type, OpenSchema& open) {
    if (type.is_string()) return set_type(type.text(), open);
    std::vector<std::string> words;
    for (const Json each : type.items()) {
      if (each.is("null")) {
        open.nullable = true;
      } else {
        words.push_back(each.text());
      }
    }
    if (words.size() == 1) return set_type(words.front(), open);
    for (const std::string& word : words)
      open.any_of.push_back(R"({"type":)" + json_quoted(upper_word(word)) + "}");
  }

  void set_type(const std::string& word, OpenSchema& open) {
    if (word == "null") {
      open.nullable = true;
    } else if (open.type.empty()) {
      open.type = upper_word(word);
    }
  }

  void fold_word(Json word, OpenSchema& open) {
    if (word.is_null()) {
      open.nullable = true;
    } else if (word.is_string()) {
      std::string text;
      JsonOut(text).raw(word);
      open.enumeration.push_back(std::move(text));
    } else {
      open.enumeration_lost = true;  // its enum is of strings only
    }
  }

  // One that is left beside null is the schema itself.
  void fold_choices(Json choices, OpenSchema& open) {
    std::vector<Json> rest;
    for (const Json each : choices.items()) {
      if (each["type"].is("null")) {
        open.nullable = true;
      } else {
        rest.push_back(each);
      }
    }
    if (rest.size() == 1) return fold(rest.front(), open);
    for (const Json each : rest) open.any_of.push_back(make(each));
  }

  static std::string written(const OpenSchema& open) {
    std::string text;
    JsonOut out(text);
    out.object();
    const bool words = !open.enumeration.empty() && !open.enumeration_lost;
    std::string type = open.type;
    if (type.empty() && words) type = "STRING";
    if (type.empty() && !open.properties.empty()) type = "OBJECT";
    if (!type.empty()) out.string("type", type);
    if (open.nullable) out.boolean("nullable", true);
    for (const auto& [keyword, value] : open.others) out.raw(keyword, value);
    if (words) {
      out.array("enum");
      for (const std::string& each : open.enumeration) out.raw(each);
      out.end();
    }
    // An array without them is refused.
    if (!open.items.empty() || type == "ARRAY")
      out.raw("items", open.items.empty() ? std::string_view("{}") : open.items);
    if (!open.properties.empty()) {
      out.object("properties");
      for (const auto& [name, value] : open.properties) out.raw(name, value);
      out.end();
    }
    write_required(out, open);
    if (!open.any_of.empty()) {
      out.array("anyOf");
      for (const std::string& each : open.any_of) out.raw(each);
      out.end();
    }
    out.end();
    return text;
  }

  // A name that is no property is refused.
  static void write_required(JsonOut& out, const OpenSchema& open) {
    std::vector<std::string_view> names;
    std::set<std::string_view> told;
    for (const std::string& name : open.required) {
      if (open.has_property(name) && told.insert(name).second) names.push_back(name);
    }
    if (names.empty()) return;
    out.array("required");
    for (const std::string_view name : names) out.string(name);
    out.end();
  }

  Json root_;
  std::vector<std::string> path_;  // references that are being inlined
  std::size_t inlined_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::string gemini_openapi_schema(Json schema) {
  return OpenSchemaMaker(schema).make(schema);
}

}  // namespace ccrelay::dialect
