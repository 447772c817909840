#pragma once

#include <string_view>

namespace ccrelay::upstream {

/// Whether this may be the name of a header field (RFC 9110 section 5.6.2).
constexpr bool is_token(std::string_view name) {
  for (const char c : name) {
    const bool letter_or_digit =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter_or_digit && std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)
      return false;
  }
  return !name.empty();
}

}  // namespace ccrelay::upstream
