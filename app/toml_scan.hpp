#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

/// One statement of a TOML text, by offsets into it: `key = value`, `[table]` or `[[array]]`.
struct TomlStatement {
  enum class Kind { key, table, array };
  Kind kind = Kind::key;
  std::vector<std::string> path;  ///< from the root: the table's, and of a key its own behind that
  std::size_t begin = 0;          ///< its first character, which no blank is
  std::size_t value = 0;          ///< of a key
  std::size_t value_end = 0;      ///< of a key; else behind the brackets
  std::size_t line_end = 0;       ///< behind the end of its last line
  std::size_t line = 0;           ///< the number of its first line, from 1
};

/// The statements in their order. It finds where they are, whatever stands in strings and behind
/// comments, and leaves what they mean to the text's owner: an error, which begins with `line L: `,
/// says that not even that can be told.
Result<std::vector<TomlStatement>> read_toml(std::string_view text);

/// What a value on one line says, if it is a string.
std::optional<std::string> toml_string(std::string_view raw);

}  // namespace ccrelay::app
