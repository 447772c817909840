#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/time_zone.hpp>

#include <string>

namespace ccrelay::app {

/// Which end of a time that somebody names is meant: `2026-11-29` begins and ends.
enum class WhenEnd { begin, end };

/// A time as a person writes it: `2026-11-29`, `2026-11`, RFC 3339, `12h` ago, `7d` (that many days
/// with today), `4w`, `today`, `yesterday`, `this-week`, `this-month`, `last-month`. Days are those
/// of the zone. The error names what is allowed. Pure.
Result<WallTime> parse_when(const std::string& text, WhenEnd end, const TimeZone& zone,
                            WallTime now);

/// The first moment of a month, so many months from that of `time`.
WallTime month_begin(const TimeZone& zone, WallTime time, int months);

}  // namespace ccrelay::app
