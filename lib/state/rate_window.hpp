#pragma once

#include <ccrelay/clock.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ccrelay::state {

/// No single amount of requests or tokens counts as more: sums can't overflow, whatever a provider
/// says it has counted.
inline constexpr std::uint64_t amount_max = 1'000'000'000;
constexpr std::uint64_t bounded(std::uint64_t amount) {
  return amount < amount_max ? amount : amount_max;
}

/// A limit per minute on requests or tokens: a sliding window of 60 s in slots of 1 s. A slot
/// counts in full until the last of what is in it is 60 s old, so in no 60 s more is let through
/// than the limit, and nobody waits for longer than 60 s. The only slack is what reservations
/// underestimated: corrections may push the sum over the limit, and then nothing is let through
/// until enough has slid out. An amount above the whole limit passes when the window is empty, for
/// else it never could.
///
/// A `now` before the newest one seen counts as that one. What was used is counted without a limit
/// too, so that one set later finds it. A value type, not thread-safe.
class RateWindow {
 public:
  /// A second, counted from the clock's beginning.
  using Slot = std::int64_t;

  /// Per minute; 0 = none. What was used stays counted.
  void set_limit(std::uint64_t limit) { limit_ = limit; }
  std::uint64_t limit() const { return limit_; }

  bool has_room(std::uint64_t amount, TimePoint now);
  /// Counts an amount, room or not; says in which slot.
  Slot add(std::uint64_t amount, TimePoint now);
  /// What was added to that slot as `from` becomes `to`. False if the slot has slid out: then
  /// nothing changes.
  bool correct(Slot slot, std::uint64_t from, std::uint64_t to, TimePoint now);
  /// The earliest time at which there is room for the amount if nothing more comes; `now` if there
  /// is.
  TimePoint free_at(std::uint64_t amount, TimePoint now);
  std::uint64_t used(TimePoint now);
  /// Nothing was used. Corrections of what was added before find it gone.
  void forget();

 private:
  // Those of a whole minute and the running one.
  static constexpr std::size_t slots = 61;

  bool fits(std::uint64_t amount, std::uint64_t used) const;
  void slide(TimePoint now);
  std::uint64_t& at(Slot slot);
  std::chrono::milliseconds& last(Slot slot);
  TimePoint end_of(Slot slot);
  std::uint64_t counted(TimePoint now);

  std::uint64_t limit_ = 0;
  std::uint64_t used_ = 0;  // sum of sums_
  Slot newest_ = INT64_MIN / 2;
  Slot forgotten_ = INT64_MIN / 2;  // in this slot and before
  std::array<std::uint64_t, slots> sums_{};
  std::array<std::chrono::milliseconds, slots> last_{};  // since the slot's beginning
};

}  // namespace ccrelay::state
