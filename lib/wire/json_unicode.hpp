#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The numbers of `\uXXXX`.
namespace ccrelay::wire::json_unicode {

constexpr std::array<std::int8_t, 256> hex_table() {
  std::array<std::int8_t, 256> values{};
  for (std::int8_t& value : values) value = -1;
  for (int i = 0; i < 10; ++i)
    values['0' + static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values['a' + static_cast<std::size_t>(i)] = static_cast<std::int8_t>(10 + i);
    values['A' + static_cast<std::size_t>(i)] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}
inline constexpr std::array<std::int8_t, 256> hex_values = hex_table();

// Of four hex digits; negative if they are none.
inline std::int32_t hex4(const char* digits) {
  const auto value = [&](int i) -> std::int32_t {
    return hex_values[static_cast<unsigned char>(digits[i])];
  };
  return value(0) * 4096 | value(1) * 256 | value(2) * 16 | value(3);
}

inline bool is_high(std::int32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

inline bool is_low(std::int32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// The number of the `\uXXXX` that stands there; negative if none does.
inline std::int32_t unicode_at(const char* at, const char* end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  return hex4(at + 2);
}

}  // namespace ccrelay::wire::json_unicode
