#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_types.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ccrelay::worker {

/// Half a minute each, of five minutes and the one that runs.
inline constexpr std::size_t lately_slots = 11;
inline std::int64_t lately_slot(TimePoint now) {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count() / 30;
}

/// A sum for each half minute of the last five. A value.
template <class Sum>
class Lately {
 public:
  Sum& at(TimePoint now) {
    const std::int64_t slot = lately_slot(now);
    One& one = slots_[static_cast<std::size_t>(slot) % lately_slots];
    if (one.slot != slot) one = {slot, {}};
    return one.sum;
  }
  void add(const Lately& more) {
    for (std::size_t i = 0; i < lately_slots; ++i) {
      if (more.slots_[i].slot < slots_[i].slot) continue;
      if (more.slots_[i].slot > slots_[i].slot) slots_[i] = {more.slots_[i].slot, {}};
      slots_[i].sum.add(more.slots_[i].sum);
    }
  }
  Sum of(TimePoint now) const {
    Sum sum;
    const std::int64_t newest = lately_slot(now);
    for (const One& one : slots_) {
      if (one.slot > newest - static_cast<std::int64_t>(lately_slots) && one.slot <= newest) {
        sum.add(one.sum);
      }
    }
    return sum;
  }

 private:
  struct One {
    std::int64_t slot = -1;
    Sum sum;
  };
  std::array<One, lately_slots> slots_{};
};

/// Attempts, and those of them that failed.
struct FailedOf {
  std::uint32_t all = 0;
  std::uint32_t failed = 0;
  void add(const FailedOf& more) {
    all += more.all;
    failed += more.failed;
  }
};
using LatelyFailed = Lately<FailedOf>;

/// How many took how long: a step is 10 %, so that what is told of one is within 5 %. From 100 µs
/// to about an hour and a half; what is beyond counts as that.
struct Durations {
  static constexpr std::size_t steps = 190;
  std::array<std::uint32_t, steps> counts{};

  static std::size_t step_of(Duration duration) {
    const double hundreds = std::chrono::duration<double, std::micro>(duration).count() / 100;
    if (hundreds <= 1) return 0;
    const auto step = static_cast<std::size_t>(std::log(hundreds) / std::log(1.1)) + 1;
    return step < steps ? step : steps - 1;
  }
  void observe(Duration duration) { ++counts[step_of(duration)]; }
  void add(const Durations& more) {
    for (std::size_t i = 0; i < steps; ++i) counts[i] += more.counts[i];
  }
  management::Latency told() const {
    management::Latency out;
    for (const std::uint32_t count : counts) out.count += count;
    out.p50_us = within(out.count, 0.5);
    out.p90_us = within(out.count, 0.9);
    out.p99_us = within(out.count, 0.99);
    return out;
  }

 private:
  // The middle of the step in which that part of all has come.
  std::int64_t within(std::uint64_t all, double part) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(static_cast<double>(all) * part));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; all > 0 && i < steps; ++i) {
      seen += counts[i];
      if (seen >= wanted) {
        return std::lround(100 * std::pow(1.1, static_cast<double>(i) - 0.5));
      }
    }
    return 0;
  }
};
using Percentiles = Lately<Durations>;

}  // namespace ccrelay::worker
