#pragma once

#include <ccrelay/clock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ccrelay::worker {

/// Upper bounds of buckets, in nanoseconds.
template <std::size_t N>
constexpr std::array<std::int64_t, N> bounds_of(const double (&seconds)[N]) {
  std::array<std::int64_t, N> bounds{};
  for (std::size_t i = 0; i < N; ++i) bounds[i] = static_cast<std::int64_t>(seconds[i] * 1e9 + 0.5);
  return bounds;
}

/// A whole request.
inline constexpr auto duration_bounds =
    bounds_of({0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800});
/// To a first byte.
inline constexpr auto first_byte_bounds =
    bounds_of({0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 21, 34, 60, 120});
/// What ought to be quick: the relay's own work, a connection, a commit.
inline constexpr auto quick_bounds =
    bounds_of({0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10});
/// Between two tokens.
inline constexpr auto token_bounds =
    bounds_of({0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1});
/// The lateness of a loop.
inline constexpr auto lag_bounds = bounds_of({0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1});

/// Durations by how long they were. There is no other count than that of the buckets, so that no
/// two can differ. A value type; not thread-safe.
template <const auto& upper>
class Histogram {
 public:
  static constexpr const auto& bounds = upper;

  void observe(Duration duration) {
    const auto ns = std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count(), 0);
    std::size_t bucket = 0;
    while (bucket < upper.size() && ns > upper[bucket]) ++bucket;
    ++counts_[bucket];
    sum_ += static_cast<std::uint64_t>(ns);
  }
  void add(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
  }

  /// Those in each bucket alone; the last has no upper bound.
  const auto& counts() const { return counts_; }
  /// Nanoseconds.
  std::uint64_t sum() const { return sum_; }
  bool empty() const {
    return std::all_of(counts_.begin(), counts_.end(), [](auto count) { return count == 0; });
  }

 private:
  std::array<std::uint64_t, upper.size() + 1> counts_{};
  std::uint64_t sum_ = 0;
};

}  // namespace ccrelay::worker
