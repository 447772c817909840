#pragma once

#include <ccrelay/http.hpp>

#include <cstdint>
#include <string>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// What a provider's answer says of limits, in the fields that a client of that dialect reads:
/// `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}` (a reset is a time, RFC 3339),
/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` (a reset is a duration such as 6m0s).
/// `retry-after` and `retry-after-ms` go on as they are. A value that makes no sense is left out.
Headers client_rate_limits(Dialect client, const Headers& provider, std::int64_t now_s);

/// 90 is "1m30s", 3600 "1h0m0s"; at least 0.
std::string duration_text(std::int64_t seconds);
/// Seconds since 1970 as RFC 3339 in UTC.
std::string time_text(std::int64_t seconds);

}  // namespace ccrelay::dialect
