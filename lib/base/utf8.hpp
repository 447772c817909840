#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::base {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

/// Reads one code point that begins with a byte >= 0x80. Overlong forms, surrogates and values
/// above U+10FFFF are invalid (Unicode 15, table 3-7); then one byte is passed over.
CodePoint decode_utf8(std::string_view text);

/// With U+FFFD in place of each byte that is no UTF-8 where it stands.
std::string as_utf8(std::string text);

}  // namespace ccrelay::base
