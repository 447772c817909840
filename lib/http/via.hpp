#pragma once

#include <ccrelay/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::http {

/// By which relays like this one a request has come, as its Via says (RFC 9110 section 7.6.3). What
/// others wrote there is left out: it says who the client is, and goes no further.
struct Trail {
  std::string relays;     ///< their entries, to stand before one's own
  std::size_t count = 0;  ///< how many these are
  bool has_own = false;   ///< one of them is `own`: the request goes round in a circle
};

/// More relays in a row than this are a circle too.
inline constexpr std::size_t relays_max = 16;

/// What each relay is called there: this, and 16 hexadecimal digits.
inline constexpr std::string_view relay_name_begin = "cc-relay-";

Trail trail_of(const Headers& headers, std::string_view own);

}  // namespace ccrelay::http
