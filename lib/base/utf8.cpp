#include "base/utf8.hpp"

#include <algorithm>

namespace ccrelay::base {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  const unsigned char first = byte_at(text, 0);
  std::size_t length = 0;
  std::uint32_t value = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    value = first & 0x1Fu;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    value = first & 0x0Fu;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    value = first & 0x07u;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(text, i);
    if (next < low || next > high) return {};
    low = 0x80;
    high = 0xBF;
    value = (value << 6) | (next & 0x3Fu);
  }
  return {value, length, true};
}

std::string as_utf8(std::string text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return text;
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = is_ascii(rest[0]) ? CodePoint{0, 1, true} : decode_utf8(rest);
    out += point.valid ? rest.substr(0, point.length) : "\xEF\xBF\xBD";
    rest.remove_prefix(point.valid ? point.length : 1);
  }
  return out;
}

}  // namespace ccrelay::base
