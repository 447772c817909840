#pragma once

#include <cstdint>
#include <string>

namespace ccrelay::config {

/// A number of the file as whole units of its last decimal place.
struct Decimal {
  std::int64_t units = 0;
  std::string wrong;  ///< what is, to follow a key's path; empty when it can be used
};

/// From 0 to `max`, which is whole, with at most `places` decimals (0 to 9). No sum of floating
/// point is made: the digits are those of the shortest number that reads as the same double, which
/// are the ones of the file as long as it has no more than 15.
Decimal decimal_of(double value, int places, std::int64_t max);
Decimal decimal_of(std::int64_t value, int places, std::int64_t max);

/// Back into digits, with at least one decimal: 2500 with three places is `2.5`.
std::string decimal_text(std::uint64_t units, int places);

}  // namespace ccrelay::config
