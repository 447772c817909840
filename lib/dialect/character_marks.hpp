#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ccrelay::dialect {

/// How many characters begin in the text.
std::int64_t characters_in(std::string_view text);

/// The text's first so many characters; all of it where there are fewer.
std::string_view first_characters(std::string_view text, std::int64_t count);

/// Where the characters of a text begin that is asked for many pieces of it, and may grow in
/// between: its beginning is counted through once. A mark for every 256 characters; what is between
/// two is counted when it is asked for. One for one text; a value type, pure.
class CharacterMarks {
 public:
  /// The characters from `begin` to `end`, exclusive; as many of them as there are.
  std::string_view piece(std::string_view text, std::int64_t begin, std::int64_t end);
  /// How many begin in front of that byte.
  std::int64_t characters_until(std::string_view text, std::size_t byte);

 private:
  void count(std::string_view text);
  std::size_t start_of(std::string_view text, std::int64_t character) const;

  std::vector<std::size_t> marks_;
  std::size_t counted_ = 0;  // bytes
  std::int64_t characters_ = 0;
};

}  // namespace ccrelay::dialect
