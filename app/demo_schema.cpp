#include "demo_schema.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Of a schema that refers to itself nobody wants more.
constexpr int example_depth_max = 16;
constexpr std::size_t example_bytes_max = 64 * 1024;

/// Writes one example. Lives on the stack while the document does.
class Example {
 public:
  Example(element root, std::string_view words) : root_(root), words_(words) {}

  void write(element schema, int depth) {
    if (depth > example_depth_max || text.size() > example_bytes_max) {
      text += "null";
      return;
    }
    element chosen;
    std::string_view reference;
    if (!schema["const"].get(chosen) || !schema["enum"].at(0).get(chosen)) {
      text += std::string(simdjson::minify(chosen));
    } else if (!schema["$ref"].get(reference) && reference.starts_with('#') &&
               !root_.at_pointer(reference.substr(1)).get(chosen)) {
      write(chosen, depth + 1);
    } else if (!schema["anyOf"].at(0).get(chosen) || !schema["oneOf"].at(0).get(chosen) ||
               !schema["allOf"].at(0).get(chosen)) {
      write(chosen, depth + 1);
    } else {
      write_typed(schema, depth);
    }
  }

  std::string text;

 private:
  void write_typed(element schema, int depth) {
    std::string_view type;
    object properties;
    // Of several types the first is the one that is meant, and null stands last.
    if (schema["type"].get(type) && schema["type"].at(0).get(type)) {
      type = schema["properties"].get(properties) ? "string" : "object";
    }
    if (type == "object") {
      write_object(schema, depth);
    } else if (type == "array") {
      write_array(schema, depth);
    } else if (type == "integer" || type == "number") {
      write_number(schema);
    } else if (type == "boolean") {
      text += "false";
    } else if (type == "null") {
      text += "null";
    } else {
      text += json_quoted(words_);
    }
  }

  void write_object(element schema, int depth) {
    text += '{';
    array required;
    bool first = true;
    if (!schema["required"].get(required)) {
      for (const element one : required) {
        std::string_view name;
        element property;
        if (one.get(name) || schema["properties"][name].get(property)) continue;
        text += (first ? "" : ",") + json_quoted(name) + ':';
        write(property, depth + 1);
        first = false;
      }
    }
    text += '}';
  }

  void write_array(element schema, int depth) {
    text += '[';
    std::int64_t least = 0;
    element items;
    if (!schema["minItems"].get(least) && least > 0 && !schema["items"].get(items)) {
      write(items, depth + 1);
    }
    text += ']';
  }

  // 1, as that lies within most ranges that are told in words alone.
  void write_number(element schema) {
    element bound;
    double value = 0;
    if (!schema["minimum"].get(bound) && !bound.get(value) && value > 1) {
      text += std::string(simdjson::minify(bound));
    } else if (!schema["maximum"].get(bound) && !bound.get(value) && value < 1) {
      text += std::string(simdjson::minify(bound));
    } else {
      text += '1';
    }
  }

  const element root_;
  const std::string_view words_;
};

}  // namespace

std::string example_of(element schema, std::string_view words) {
  Example example(schema, words);
  example.write(schema, 0);
  return std::move(example.text);
}

}  // namespace ccrelay::app
