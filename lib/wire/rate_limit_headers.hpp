#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include "base/rate_limits.hpp"

namespace ccrelay::wire {

/// What an answer's `anthropic-ratelimit-*` or OpenAI's `x-ratelimit-*` headers say of its key. A
/// value that makes no sense is as good as a missing one and takes no other with it. Resets are
/// told from `now` on: not negative, at most a day. Of a subscription's `-unified-*` figures at
/// most 32 are kept.
base::RateLimits rate_limit_headers(const Headers& headers, WallTime now);

}  // namespace ccrelay::wire
