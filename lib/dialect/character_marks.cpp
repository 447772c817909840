#include "dialect/character_marks.hpp"

#include <algorithm>

namespace ccrelay::dialect {
namespace {

constexpr std::int64_t characters_of_mark = 256;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

std::string_view CharacterMarks::piece(std::string_view text, std::int64_t begin,
                                       std::int64_t end) {
  for (; counted_ < text.size(); ++counted_) {
    if (!begins_character(text[counted_])) continue;
    if (characters_++ % characters_of_mark == 0) marks_.push_back(counted_);
  }
  begin = std::max<std::int64_t>(begin, 0);
  if (begin >= std::min(end, characters_)) return {};
  const std::size_t from = start_of(text, begin);
  return text.substr(from, start_of(text, end) - from);
}

std::size_t CharacterMarks::start_of(std::string_view text, std::int64_t character) const {
  if (character >= characters_) return text.size();
  std::size_t at = marks_[static_cast<std::size_t>(character / characters_of_mark)];
  for (std::int64_t more = character % characters_of_mark; more > 0; --more) {
    ++at;
    while (!begins_character(text[at])) ++at;
  }
  return at;
}

}  // namespace ccrelay::dialect
