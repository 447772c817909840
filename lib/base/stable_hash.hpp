#pragma once

#include <cstdint>
#include <string_view>

namespace ccrelay::base {

/// The same on every machine and after every restart, unlike std::hash (FNV-1a, then mixed).
std::uint64_t stable_hash(std::string_view text);

/// The same of long texts, one after the other: eight bytes at a step, so it gives other values.
/// Where a text ends counts: "ab", "c" is not "a", "bc". Against chance, not against an enemy.
class StableHasher {
 public:
  void add(std::string_view text);
  std::uint64_t value() const;

 private:
  std::uint64_t state_ = 0;
};

}  // namespace ccrelay::base
