#include "dialect/character_marks.hpp"

#include <algorithm>
#include <iterator>

namespace ccrelay::dialect {
namespace {

constexpr std::int64_t characters_of_mark = 256;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

std::int64_t characters_in(std::string_view text) {
  return std::count_if(text.begin(), text.end(), begins_character);
}

std::string_view first_characters(std::string_view text, std::int64_t count) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && --count < 0) return text.substr(0, at);
  }
  return text;
}

void CharacterMarks::count(std::string_view text) {
  for (; counted_ < text.size(); ++counted_) {
    if (!begins_character(text[counted_])) continue;
    if (characters_++ % characters_of_mark == 0) marks_.push_back(counted_);
  }
}

std::string_view CharacterMarks::piece(std::string_view text, std::int64_t begin,
                                       std::int64_t end) {
  count(text);
  begin = std::max<std::int64_t>(begin, 0);
  if (begin >= std::min(end, characters_)) return {};
  const std::size_t from = start_of(text, begin);
  return text.substr(from, start_of(text, end) - from);
}

std::int64_t CharacterMarks::characters_until(std::string_view text, std::size_t byte) {
  count(text);
  byte = std::min(byte, text.size());
  const auto above = std::upper_bound(marks_.begin(), marks_.end(), byte);
  if (above == marks_.begin()) return 0;
  const std::size_t mark = *std::prev(above);
  const auto before = std::distance(marks_.begin(), std::prev(above)) * characters_of_mark;
  return before + characters_in(text.substr(mark, byte - mark));
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
