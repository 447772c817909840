#pragma once

#include <ccrelay/config.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ccrelay::settings {

/// A setting that is one number, as reading, checking and showing need it.
struct NumberField {
  std::string_view section;
  std::string_view key;  ///< ends in the unit, as in the file
  std::int64_t min;
  std::int64_t max;
  std::int64_t (*get)(const Config&);
  void (*set)(Config&, std::int64_t);
};

struct FlagField {
  std::string_view section;
  std::string_view key;
  bool (*get)(const Config&);
  void (*set)(Config&, bool);
};

/// Every number and flag of the file that stands directly in a section.
std::span<const NumberField> number_fields();
std::span<const FlagField> flag_fields();

inline constexpr std::int64_t milliseconds_max = 86'400'000;  // a day
inline constexpr std::int64_t weight_max = 1'000'000;

/// ` 65 is out of range; allowed: 1 to 64`, to follow a key's path; empty when it is in range.
std::string out_of_range(std::int64_t value, std::int64_t min, std::int64_t max);

}  // namespace ccrelay::settings
