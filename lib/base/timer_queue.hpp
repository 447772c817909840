#pragma once

#include <ccrelay/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace ccrelay::base {

class Timer;

/// Timers by deadline: a heap that knows nothing of clocks or loops. Equal deadlines fire in the
/// order in which they were armed. Outlives its timers.
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  /// Fires the timers that are due at `now`, as many at most as are armed at the call, so that one
  /// that arms itself for the past ends no caller's turn; says whether any fired.
  bool run_due(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

 private:
  friend class Timer;
  struct Entry {
    TimePoint deadline;
    std::uint64_t order;
    Timer* timer;
    bool before(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : order < other.order;
    }
  };
  void insert(Timer& timer, TimePoint deadline);
  void erase(Timer& timer);
  void move(Timer& timer, TimePoint deadline);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);
  void place(std::size_t index, const Entry& entry);

  std::vector<Entry> heap_;
  std::uint64_t order_ = 0;
};

/// One timer of a queue. Destroying it cancels it; it may be destroyed or armed again while firing.
class Timer {
 public:
  Timer(TimerQueue& queue, std::function<void()> on_due)
      : queue_(queue), on_due_(std::move(on_due)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Fires once at `deadline`; an earlier arming is forgotten.
  void arm(TimePoint deadline);
  void cancel();
  bool armed() const { return index_ != none; }

 private:
  friend class TimerQueue;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  TimerQueue& queue_;
  std::function<void()> on_due_;
  std::size_t index_ = none;
};

}  // namespace ccrelay::base
