#pragma once

#include <ccrelay/http.hpp>

#include <cstdint>
#include <string_view>

namespace ccrelay::exchange {

/// Some write it in front of their JSON.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What a body is by its first bytes, whatever its head calls it.
enum class Looks : std::uint8_t {
  empty,   ///< they don't tell yet
  stream,  ///< Server-Sent Events
  frames,  ///< an event stream of AWS
  json,
  page,  ///< HTML or XML
  text,  ///< none of these
};
Looks looks_of(std::string_view bytes);

/// Whether the bytes are the body's own, without a content coding.
bool is_plain(const ResponseHead& head);

/// The text behind a byte order mark and white space.
std::string_view behind_space(std::string_view text);

}  // namespace ccrelay::exchange
