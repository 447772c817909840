#pragma once

#include <array>
#include <string_view>

namespace ccrelay::http {

inline constexpr std::array<bool, 256> token_bytes = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

/// Whether this may be the name of a header field (RFC 9110 section 5.6.2).
constexpr bool is_token(std::string_view name) {
  for (const char c : name) {
    if (!token_bytes[static_cast<unsigned char>(c)]) return false;
  }
  return !name.empty();
}

}  // namespace ccrelay::http
