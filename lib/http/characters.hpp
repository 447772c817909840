#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ccrelay::http {

/// What each byte may be a part of: bits of CharacterClass.
enum CharacterClass : std::uint8_t {
  token_class = 1,
  target_class = 2,
  value_class = 4,
  reg_name_class = 8,
};

inline constexpr std::array<std::uint8_t, 256> character_classes = [] {
  std::array<std::uint8_t, 256> out{};
  const auto mark = [&](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) out[static_cast<unsigned char>(c)] |= bits;
  };
  mark("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
       token_class | target_class | reg_name_class);
  for (std::size_t c = 0; c < out.size(); ++c) {
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) out[c] |= value_class;
  }
  mark("!#$%&'*+-.^_`|~", token_class);
  mark("-._~!$&'()*+,;=%", target_class | reg_name_class);
  mark(":@/?[]{}|^", target_class);
  return out;
}();

constexpr bool is_of(char c, CharacterClass which) {
  return (character_classes[static_cast<unsigned char>(c)] & which) != 0;
}

/// A hexadecimal digit.
constexpr bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}
/// A character that names of headers and methods consist of (RFC 9110 section 5.6.2).
constexpr bool is_token_char(char c) {
  return is_of(c, token_class);
}
/// A character that may stand in a request target (RFC 3986 section 2). Also taken are the marks
/// that clients are known to send unescaped in queries: [ ] { } | ^.
constexpr bool is_target_char(char c) {
  return is_of(c, target_class);
}
/// Of a field value: no control but the tab (RFC 9110 section 5.5).
constexpr bool is_value_char(char c) {
  return is_of(c, value_class);
}

}  // namespace ccrelay::http
