#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/observer.hpp>

#include <cstdint>
#include <string>

#include "observe/pen.hpp"

namespace ccrelay::observe {

/// Appends an RFC 3339 time in UTC with milliseconds: `2026-01-01T00:00:00.000Z`.
void append_time(std::string& out, WallTime time);
void append_time(Pen& pen, WallTime time);

/// Appends milliseconds with three decimals: `12.345`.
void append_milliseconds(Pen& pen, Duration duration);

/// Appends USD with nine decimals, from nano-USD: `0.036900000`.
void append_usd(Pen& pen, std::int64_t nano_usd);

/// error for 5xx and broken streams, warn for 4xx, else info; debug for what is local.
Level level_of(const RequestSummary& request);

/// The attempt whose answer the client got, or as none did well the last; null when nobody was
/// asked.
const AttemptSummary* answering(const RequestSummary& request);

}  // namespace ccrelay::observe
