#include "printable.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace ccrelay::app {
namespace {

struct Point {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

// Unicode 15, table 3-7: neither overlong forms nor surrogates.
Point decode(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (first >= 0xF5 || (first >= 0x80 && first < 0xC2)) return {};
  std::uint32_t value = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least[length] || value > 0x10FFFF || is_surrogate) return {};
  return {value, length, true};
}

bool is_hostile(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x061C || point == 0x200E ||
         point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

// `escaped` makes the words for a code point that may do something.
template <class Escaped>
std::string harmless(std::string_view text, Escaped escaped) {
  std::string out;
  while (!text.empty()) {
    const Point point = decode(text);
    if (!point.valid) {
      out += "\xEF\xBF\xBD";
    } else if (is_hostile(point.value)) {
      out += escaped(point.value);
    } else {
      out += text.substr(0, point.length);
    }
    text.remove_prefix(point.length);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::size_t end = text.size();
  if (end > bytes_max) {
    end = bytes_max;  // not in the middle of a UTF-8 sequence
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  }
  const auto escaped = [](std::uint32_t point) {
    return point < 0x100 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{:04x}", point);
  };
  return harmless(text.substr(0, end), escaped) + (end < text.size() ? "..." : "");
}

std::string printable_json(std::string_view json) {
  return harmless(json, [](std::uint32_t point) { return fmt::format("\\u{:04x}", point); });
}

}  // namespace ccrelay::app
