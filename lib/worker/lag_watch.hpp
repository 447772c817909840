#pragma once

#include <chrono>

#include "base/timer_queue.hpp"
#include "loop/loop.hpp"
#include "worker/figures.hpp"
#include "worker/recent_lag.hpp"

namespace ccrelay::worker {

/// Looks how late a timer of 100 ms fires: as late as the loop is to serve anybody. It runs while
/// somebody asks for the figures, from the first time on; an idle relay that nobody watches sleeps.
/// Loop's thread.
class LagWatch {
 public:
  static constexpr std::chrono::milliseconds interval{100};
  /// It ends when nobody has asked for so long.
  static constexpr std::chrono::minutes patience{5};

  LagWatch(loop::Loop& loop, Figures& figures)
      : loop_(loop), figures_(figures), timer_(loop.timers(), [this] { look(); }) {}

  /// Any thread.
  const RecentLag& lately() const { return lately_; }

  void keep_on() {
    asked_ = loop_.now();
    if (!timer_.armed()) arm(asked_);
  }

 private:
  void arm(TimePoint now) { timer_.arm(due_ = now + interval); }
  void look() {
    const TimePoint now = loop_.now();
    figures_.lagged(now - due_);
    lately_.note(now - due_, now);
    if (now - asked_ < patience) arm(now);
  }

  loop::Loop& loop_;
  Figures& figures_;
  base::Timer timer_;
  TimePoint due_{};
  TimePoint asked_{};
  RecentLag lately_;
};

}  // namespace ccrelay::worker
