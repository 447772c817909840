#pragma once

#include <ccrelay/clock.hpp>

#include <cstddef>

namespace ccrelay::identity {

/// All the steps to credentials together.
inline constexpr Duration fetch_limit = std::chrono::seconds(5);
/// Credentials are fetched anew this long before they expire, or half their life before it if that
/// is shorter: a token that lives for four minutes would else be fetched at every request.
inline constexpr Duration refresh_ahead = std::chrono::minutes(5);
/// After a fetch that failed, and between two invalidations.
inline constexpr Duration retry_gap = std::chrono::seconds(10);
/// Answers, files and outputs of commands; real ones have a few KiB.
inline constexpr std::size_t text_bytes_max = 64 * 1024;
/// Of a vendor's own words in an error.
inline constexpr std::size_t words_bytes_max = 300;
/// source_profile after source_profile, each of which is an AssumeRole.
inline constexpr std::size_t profile_hops_max = 5;

}  // namespace ccrelay::identity
