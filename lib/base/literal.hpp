#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace ccrelay::base {

/// Whether a text is this word. Unlike `==`, which calls memcmp for a length that it does not know,
/// it is a few instructions: for where every member of a body is looked at.
template <std::size_t Size>
bool is_literal(std::string_view text, const char (&word)[Size]) {
  return text.size() == Size - 1 && std::memcmp(text.data(), word, Size - 1) == 0;
}

}  // namespace ccrelay::base
