#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <optional>

namespace ccrelay::wire {

/// What time it is by the clock of who answered: its `Date`; `now` where it says none. What an
/// answer says of points in time is measured against this.
WallTime time_there(const Headers& headers, WallTime now);

/// How long a provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP
/// date (RFC 9110 section 10.2.3). Empty when it says nothing that makes sense; never negative, at
/// most a day. `now` by its own clock.
std::optional<Duration> retry_after(const Headers& headers, WallTime now);

/// When the limit that an answer's headers tell of ends: the resets of its exhausted budgets,
/// Anthropic's (`anthropic-ratelimit-*`, a subscription's `-unified-*` among them), OpenAI's
/// (`x-ratelimit-reset-requests: 6m0s`) and their like. For an answer that says that there is a
/// limit; empty when no header tells. Never negative, at most a day.
std::optional<Duration> reset_wait(const Headers& headers, WallTime now);

}  // namespace ccrelay::wire
