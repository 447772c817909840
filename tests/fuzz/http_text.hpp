#pragma once

#include <ccrelay/http.hpp>

#include "base/ascii.hpp"
#include "fuzz/input.hpp"

namespace ccrelay::fuzz {

/// RFC 9110 section 5.6.2.
inline bool is_token(std::string_view text) {
  static constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') ||
           symbols.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

/// Nothing in it that ends a line, and no blanks around it.
inline bool is_value(std::string_view text) {
  const auto allowed = [](char c) { return c == '\t' || (c & 0xE0) != 0; };
  return std::all_of(text.begin(), text.end(), allowed) && base::trim(text) == text;
}

inline std::string checked_fields(const Headers& headers) {
  std::string text;
  for (const Header field : headers) {
    FUZZ_CHECK(is_token(field.name));
    FUZZ_CHECK(is_value(field.value));
    text.append(field.name).append(": ").append(field.value).append("\n");
  }
  return text;
}

}  // namespace ccrelay::fuzz
