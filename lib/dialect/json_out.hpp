#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/json_text.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

/// Writes JSON behind what a string has, commas and quotes put in. Calls with a name are for
/// objects, those without for arrays and for the outermost value:
///
///     JsonOut json(out);
///     json.object().string("type", "text").string("text", words).end();
///
/// Who uses it owns `out`, which outlives it and is not touched by others until the last end().
/// Everything it writes is one line.
class JsonOut {
 public:
  explicit JsonOut(std::string& out) : out_(out), begin_(out.size()) {}

  JsonOut& object() { return open('{', '}'); }
  JsonOut& array() { return open('[', ']'); }
  JsonOut& object(std::string_view name) { return key(name).object(); }
  JsonOut& array(std::string_view name) { return key(name).array(); }
  /// Closes the innermost object or array.
  JsonOut& end();
  /// Closes all that are open.
  void end_all();

  /// Text becomes a JSON string; bytes of it that are no UTF-8 become U+FFFD.
  JsonOut& string(std::string_view text);
  /// The same of what a JSON string means, which mostly is its text; of no string: an empty one.
  JsonOut& string(Json text);
  JsonOut& string(const Words& words);
  JsonOut& number(std::int64_t value);
  JsonOut& boolean(bool value);
  JsonOut& null() { return raw("null"); }
  /// A value's text goes on as it is, but for line ends between tokens and halves of surrogate
  /// pairs (append_json). An absent value becomes null.
  JsonOut& raw(std::string_view json);
  JsonOut& raw(Json json);
  /// A whole value that a JsonOut has written.
  JsonOut& written(std::string_view json);
  /// A value's text, put right as in raw(), as a JSON string.
  JsonOut& quoted(Json json);

  JsonOut& string(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonOut& string(std::string_view name, Json text) { return key(name).string(text); }
  JsonOut& string(std::string_view name, const Words& words) { return key(name).string(words); }
  JsonOut& number(std::string_view name, std::int64_t value) { return key(name).number(value); }
  JsonOut& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonOut& null(std::string_view name) { return key(name).null(); }
  JsonOut& raw(std::string_view name, std::string_view json) { return key(name).raw(json); }
  JsonOut& raw(std::string_view name, Json json) { return key(name).raw(json); }
  JsonOut& written(std::string_view name, std::string_view json) { return key(name).written(json); }
  JsonOut& quoted(std::string_view name, Json json) { return key(name).quoted(json); }

  /// The next call without a name is this member's value.
  JsonOut& key(std::string_view name);

 private:
  JsonOut& open(char begin, char end);
  void comma();

  std::string& out_;
  std::size_t begin_;
  std::string closers_;  // of what is open, innermost last
};

/// The JSON text that a JSON string holds (a chat's `arguments`), its escapes undone once.
std::string json_from_string(Json string);
/// The other way: JSON text as a JSON string. Numbers and the order of keys stay.
std::string string_from_json(std::string_view json);
/// A text as a JSON string with its quotes. (`quoted` alone would be std's, where a standard header
/// brings that and the text is a std::string.)
std::string json_quoted(std::string_view text);
/// Whether all of the text is one JSON object.
bool is_object_text(std::string_view text);

}  // namespace ccrelay::dialect
