#pragma once

#include <ccrelay/config.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ccrelay::config {

/// A setting that is one number, as reading, checking and showing need it.
struct NumberField {
  std::string_view section;
  std::string_view key;  ///< ends in the unit, as in the file
  std::int64_t min;
  std::int64_t max;
  std::int64_t (*get)(const Config&);
  void (*set)(Config&, std::int64_t);
  /// In a file 0 is the older relay's way to say "the default".
  bool zero_is_default = false;
  /// Read when the relay starts, and not again: a change needs a restart.
  bool restart = false;
};

struct FlagField {
  std::string_view section;
  std::string_view key;
  bool (*get)(const Config&);
  void (*set)(Config&, bool);
  bool restart = false;  ///< as above
};

/// Every number and flag of the file that stands directly in a section.
std::span<const NumberField> number_fields();
std::span<const FlagField> flag_fields();

inline constexpr std::int64_t milliseconds_max = 86'400'000;  // a day
inline constexpr std::int64_t weight_max = 1'000'000;
inline constexpr std::int64_t in_flight_max = 1'000'000;
inline constexpr std::int64_t limit_max = 1'000'000'000;    // a minute; state counts no further
inline constexpr std::int64_t signatures_max = 10'000'000;  // 1.3 GB

/// A limit per minute of a key; 0 = none.
struct LimitField {
  std::string_view key;
  std::uint64_t KeyConfig::*value;
};
inline constexpr LimitField limit_fields[] = {
    {"rpm_limit", &KeyConfig::rpm_limit},
    {"itpm_limit", &KeyConfig::itpm_limit},
    {"otpm_limit", &KeyConfig::otpm_limit},
    {"tpm_limit", &KeyConfig::tpm_limit},
};

inline constexpr std::pair<std::string_view, PoolStrategy> pool_strategies[] = {
    {"least_loaded", PoolStrategy::least_loaded},
    {"round_robin", PoolStrategy::round_robin},
    {"random", PoolStrategy::random},
    {"weighted", PoolStrategy::weighted},
};

/// What a setting counts, as the integers of a file; what is larger than any of them as the
/// largest.
std::int64_t integer_of(std::uint64_t value);

/// ` 65 is out of range; allowed: 1 to 64`, to follow a key's path; empty when it is in range.
std::string out_of_range(std::int64_t value, std::int64_t min, std::int64_t max);

}  // namespace ccrelay::config
