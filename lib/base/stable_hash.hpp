#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ccrelay::base {

/// The same on every machine and after every restart, unlike std::hash (FNV-1a, then mixed).
std::uint64_t stable_hash(std::string_view text);

/// The same of texts, one after the other: eight bytes at a step, so it gives other values. Where a
/// text ends counts: "ab", "c" is not "a", "bc". Of a long one its length and its ends count, so
/// that it costs the same however long it is. Against chance, not against an enemy.
class StableHasher {
 public:
  /// From each end of a text that is longer than two of them.
  static constexpr std::size_t end_bytes = 512;

  void add(std::string_view text);
  std::uint64_t value() const;

 private:
  void mix(std::string_view text);

  std::uint64_t state_ = 0;
};

}  // namespace ccrelay::base
