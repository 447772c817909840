#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <optional>

namespace ccrelay::wire {

/// How long a provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP
/// date (RFC 9110 section 10.2.3), else the reset of an exhausted `anthropic-ratelimit-*` budget
/// (RFC 3339). Empty when it says nothing that makes sense; never negative, at most a day.
std::optional<Duration> retry_after(const Headers& headers, WallTime now);

}  // namespace ccrelay::wire
