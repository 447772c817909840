#pragma once

#include <ccrelay/clock.hpp>

#include <optional>
#include <string_view>

namespace ccrelay::wire {

/// An HTTP date in any of the three forms that RFC 9110 section 5.6.7 has a recipient read: "Sun,
/// 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994".
std::optional<WallTime> parse_http_date(std::string_view text);
/// "1994-11-06T08:49:37Z", also with a fraction, which is dropped, or an offset such as "+01:00"
/// (RFC 3339 section 5.6).
std::optional<WallTime> parse_rfc3339(std::string_view text);

/// How long until then: never negative, at most a day, so that no provider's clock can lock
/// anything for good.
Duration wait_until(WallTime then, WallTime now);
inline constexpr Duration wait_max = std::chrono::hours(24);

}  // namespace ccrelay::wire
