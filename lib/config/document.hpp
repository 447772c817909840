#pragma once

#include <ccrelay/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::config {

/// Where something stands in the file, counted from 1; line 0 = not in the file.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// A mistake in the text, to be shown as `source:line:column: message`.
struct Mistake {
  Position at;
  std::string message;
};

enum class Kind : std::uint8_t { table, array, string, integer, real, boolean, moment };

/// What a moment says.
enum class Moment : std::uint8_t {
  date,
  time,     ///< of some day
  local,    ///< of a day, somewhere
  instant,  ///< with its offset from UTC
};

/// "a string", "an integer", … for messages.
std::string_view name_of(Kind kind);

struct Member;

/// A value of a TOML file with its place. Plain data, so that the TOML library is known to one
/// file.
struct Value {
  Kind kind = Kind::table;
  Position at;
  std::string text;
  /// Of a moment: seconds since 1970-01-01, UTC; of a date its first.
  std::int64_t integer = 0;
  double real = 0;
  Moment moment = Moment::date;
  bool boolean = false;
  /// Its text could not be expanded, which has been reported: nothing else is said about it.
  bool unusable = false;
  /// The variable that left it empty, where the text is `${VAR:-}` and no more.
  std::string absent;
  std::vector<Value> items;
  std::vector<Member> members;
};

struct Member {
  std::string key;
  Position at;  ///< of the key
  Value value;
};

struct ParsedDocument {
  Value root;
  /// The syntax error, if there is one; `root` is then empty.
  std::vector<Mistake> mistakes;
};

ParsedDocument parse_document(std::string_view toml);

}  // namespace ccrelay::config
