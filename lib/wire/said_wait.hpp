#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace ccrelay::wire {

/// "34.4s", "9m38.016s", "3h2m", "500ms", "2 days", "1 hour 5 minutes", "20 秒", and a bare number
/// of seconds. Empty for anything else; never negative.
std::optional<Duration> parse_duration(std::string_view text);
/// The same of seconds, at most a year, so that no sum overflows.
Duration whole_duration(double seconds);

/// A point in time as fields have it: seconds or milliseconds since 1970, RFC 3339, an HTTP date.
/// Empty for what is too small a number to be one.
std::optional<WallTime> parse_moment(std::string_view text);

/// The end of a limit in a provider's sentence: "Please try again in 9m38.016s", "retry after 20
/// seconds", "reset after 3h2m", "resets at 2026-05-15T15:00:00Z", "请 20 秒后重试". A date without
/// a zone is in `zone` (of the provider), a Chinese sentence's in Beijing's. Told from `now`, the
/// provider's own time. Empty when it says none.
std::optional<Duration> wait_in_words(std::string_view message, WallTime now,
                                      std::chrono::minutes zone);

}  // namespace ccrelay::wire
