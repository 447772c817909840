#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>

#include <atomic>

namespace ccrelay::testing {

/// A clock that stands still until somebody advances it. Thread-safe.
class [[gnu::visibility("default")]] ManualClock final : public Clock {
 public:
  TimePoint now() const override {
    return TimePoint(Duration(elapsed_.load()));
  }
  /// Starts at 2026-01-01 00:00 UTC.
  WallTime wall() const override {
    return WallTime(std::chrono::seconds(1'767'225'600)) +
           std::chrono::duration_cast<WallTime::duration>(Duration(elapsed_.load()));
  }
  bool is_manual() const override {
    return true;
  }
  /// Moves time; whoever does so also turns the loops that use this clock (LoopHarness does both).
  void advance(Duration by) {
    elapsed_ += by.count();
  }

 private:
  std::atomic<Duration::rep> elapsed_{std::chrono::hours(1) / Duration(1)};
};

}  // namespace ccrelay::testing
