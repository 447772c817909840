#pragma once

#include <string>
#include <string_view>

#include "wire/json_text.hpp"

namespace ccrelay::dialect {

/// Appends words as a JSON string between what stands in front of them and behind, which have its
/// quotes. `plain`: they are known to stand there just as they are.
inline void append_words_between(std::string& out, std::string_view front, std::string_view words,
                                 std::string_view behind, bool plain) {
  if (plain) {
    out.append(front).append(words).append(behind);
    return;
  }
  out.append(front.substr(0, front.size() - 1));
  wire::append_json_string(out, words);
  out.append(behind.substr(1));
}

}  // namespace ccrelay::dialect
