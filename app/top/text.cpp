#include "text.hpp"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ccrelay::app::top {
namespace {

constexpr char32_t not_utf8 = 0xFFFD;

// wcwidth() knows nothing beyond ASCII in a locale without it, such as that of a script.
int width_in_utf8(char32_t point) {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) return 1;
  const locale_t before = ::uselocale(utf8);
  const int width = ::wcwidth(static_cast<wchar_t>(point));
  ::uselocale(before);
  return width < 0 ? 1 : width;
}

// Marks that turn the reading direction, and what ends lines in some programs.
bool drives(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x061C ||
         (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF || point == not_utf8;
}

struct Sequence {
  std::size_t bytes;
  char32_t bits;
  char32_t least;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead >= 0xC2 && lead < 0xE0) return {2, lead & 0x1FU, 0x80};
  if (lead >= 0xE0 && lead < 0xF0) return {3, lead & 0x0FU, 0x800};
  if (lead >= 0xF0 && lead < 0xF5) return {4, lead & 0x07U, 0x10000};
  return {0, 0, 0};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

char32_t next_point(std::string_view utf8, std::size_t& at) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(utf8[at]));
  if (sequence.bytes == 0 || utf8.size() - at < sequence.bytes) {
    ++at;
    return not_utf8;
  }
  char32_t point = sequence.bits;
  for (std::size_t i = 1; i < sequence.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[at + i]);
    if ((byte & 0xC0U) != 0x80U) {
      ++at;
      return not_utf8;
    }
    point = point << 6U | (byte & 0x3FU);
  }
  if (point < sequence.least || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
    ++at;
    return not_utf8;
  }
  at += sequence.bytes;
  return point;
}

int columns_of(char32_t point) {
  return point < 0x300 ? 1 : width_in_utf8(point);
}

int columns_of(std::string_view utf8) {
  int columns = 0;
  for (std::size_t at = 0; at < utf8.size();) columns += columns_of(next_point(utf8, at));
  return columns;
}

std::string shown(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (drives(next_point(text, at))) {
      out += "·";
    } else {
      out += text.substr(begin, at - begin);
    }
  }
  return out;
}

std::string cut(std::string_view utf8, int columns) {
  if (columns <= 0) return {};
  int used = 0;
  std::size_t room = 0;  // bytes before the last column
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t begin = at;
    const int width = columns_of(next_point(utf8, at));
    if (used + width > columns) return std::string(utf8.substr(0, room)) + "…";
    if (used + width <= columns - 1) room = at;
    // What combines with the last letter that has room goes with it.
    if (width == 0 && room == begin) room = at;
    used += width;
  }
  return std::string(utf8);
}

std::string left(std::string_view utf8, int columns) {
  std::string out = cut(utf8, columns);
  out.append(static_cast<std::size_t>(std::max(0, columns - columns_of(out))), ' ');
  return out;
}

std::string right(std::string_view utf8, int columns) {
  const std::string text = cut(utf8, columns);
  return std::string(static_cast<std::size_t>(std::max(0, columns - columns_of(text))), ' ') + text;
}

std::string_view first_line(std::string_view utf8, int columns) {
  int used = 0;
  std::size_t word = 0;  // behind the last space that has room
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t begin = at;
    const char32_t point = next_point(utf8, at);
    used += columns_of(point);
    if (used > columns) {
      if (word > 0) return utf8.substr(0, word);
      return utf8.substr(0, begin > 0 ? begin : at);
    }
    if (point == ' ') word = at;
  }
  return utf8;
}

std::string in_ascii(std::string_view utf8) {
  constexpr std::string_view levels = "_.:-=+*#";
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t point = next_point(utf8, at);
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point >= 0x2581 && point <= 0x2588) {
      out += levels[point - 0x2581];
    } else if (point == 0x2500) {
      out += '-';
    } else if (point == 0x2502) {
      out += '|';
    } else if (point >= 0x250C && point <= 0x254B) {
      out += '+';
    } else if (point == 0x2026) {
      out += '~';
    } else if (point == 0xB7) {
      out += '.';
    } else {
      out.append(static_cast<std::size_t>(columns_of(point)), '?');
    }
  }
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
         part.empty();
}

}  // namespace ccrelay::app::top
