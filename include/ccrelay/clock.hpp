#pragma once

#include <ccrelay/language.hpp>

#include <chrono>

namespace ccrelay {

/// A point on the monotonic clock: for timeouts and durations.
using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;
/// A point on the wall clock: for logs, `created` dates and signatures.
using WallTime = std::chrono::system_clock::time_point;

/// Where the relay learns what time it is; nothing in the library reads a clock otherwise.
/// One object may serve several relays and threads: implementations are thread-safe,
/// quick, and don't throw.
class [[gnu::visibility("default")]] Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;
  /// True when time moves only by somebody's hand (testing::ManualClock). A loop then arms no
  /// operating-system timer; whoever moves the clock also turns the loop.
  virtual bool is_manual() const {
    return false;
  }

  /// The operating system's clocks.
  static const Clock& system();
};

}  // namespace ccrelay
