#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
  /// The same in three pieces.
  JsonOut& joined(std::string_view front, std::string_view middle, std::string_view behind);
  /// Where `middle` came to stand.
  struct Place {
    std::size_t begin;
    std::size_t end;
  };
  /// The same, of which one piece is what a string has between its quotes.
  Place joined(std::string_view front, const Words& middle, std::string_view behind);
  /// A value's text, put right as in raw(), as a JSON string.
  JsonOut& quoted(Json json);

  // A name is a text, or a literal.
  template <class Name>
  JsonOut& object(const Name& name) {
    return key(name).object();
  }
  template <class Name>
  JsonOut& array(const Name& name) {
    return key(name).array();
  }
  template <class Name>
  JsonOut& string(const Name& name, std::string_view text) {
    return key(name).string(text);
  }
  template <class Name>
  JsonOut& string(const Name& name, Json text) {
    return key(name).string(text);
  }
  template <class Name>
  JsonOut& string(const Name& name, const Words& words) {
    return key(name).string(words);
  }
  template <class Name>
  JsonOut& number(const Name& name, std::int64_t value) {
    return key(name).number(value);
  }
  template <class Name>
  JsonOut& boolean(const Name& name, bool value) {
    return key(name).boolean(value);
  }
  template <class Name>
  JsonOut& null(const Name& name) {
    return key(name).null();
  }
  template <class Name>
  JsonOut& raw(const Name& name, std::string_view json) {
    return key(name).raw(json);
  }
  template <class Name>
  JsonOut& raw(const Name& name, Json json) {
    return key(name).raw(json);
  }
  template <class Name>
  JsonOut& written(const Name& name, std::string_view json) {
    return key(name).written(json);
  }
  template <class Name>
  JsonOut& quoted(const Name& name, Json json) {
    return key(name).quoted(json);
  }

  /// The next call without a name is this member's value.
  JsonOut& key(std::string_view name);
  /// The same name that the member has.
  JsonOut& key(const JsonMember& member);
  /// The same of a name that is written in the source, and is ASCII without quotes and backslashes:
  /// it is not looked at.
  template <std::size_t Size>
  JsonOut& key(const char (&name)[Size]) {
    char member[Size + 3] = {',', '"'};
    std::memcpy(member + 2, name, Size - 1);
    member[Size + 1] = '"';
    member[Size + 2] = ':';
    const std::size_t begin = has_comma() ? 0 : 1;
    out_.append(member + begin, Size + 3 - begin);
    return *this;
  }

 private:
  // A value never ends with one of these bytes, so the last byte tells whether something precedes.
  bool has_comma() const {
    if (out_.size() == begin_) return false;
    const char last = out_.back();
    return last != '{' && last != '[' && last != ':';
  }
  JsonOut& open(char begin, char end);
  void comma() {
    if (has_comma()) out_ += ',';
  }

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
