#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ccrelay::base {

/// What a provider's answer said of one limit per minute; each figure may be missing.
struct LimitFigures {
  std::optional<std::uint64_t> limit;  ///< per minute, at least 1
  std::optional<std::uint64_t> remaining;
  std::optional<Duration> reset;  ///< from the answer until the budget is whole again
};

/// What a provider's answer said of a key's limits: read by room wire, kept by room state.
struct RateLimits {
  LimitFigures requests;
  LimitFigures input_tokens;
  LimitFigures output_tokens;
  LimitFigures tokens;  ///< input and output together
  /// A subscription's figures for display: name behind `anthropic-ratelimit-unified-`, value.
  std::vector<std::pair<std::string, std::string>> unified;
};

}  // namespace ccrelay::base
