#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>

namespace ccrelay::state {

/// Keeps a provider that takes requests and says nothing from being asked first, time and again.
/// Silent for all of timeouts.first_byte_ms once, or when others had answered several times in a
/// row (routing.hedge_ms), it is asked last for a while: 30 seconds, twice as long each time it is
/// silent again, at most five minutes. Then one request at a time may find out whether it answers;
/// the first head makes all well. Pure; not thread-safe.
class Silence {
 public:
  static constexpr Duration rest = std::chrono::seconds(30);
  static constexpr Duration rest_max = std::chrono::minutes(5);
  /// So often in a row others may be faster.
  static constexpr int overtaken_max = 3;

  /// It was silent for as long as it may be.
  void timed_out(TimePoint now);
  /// Somebody else, asked after it, answered before it.
  void overtaken(TimePoint now);
  /// A head came, whatever it said.
  void heard();

  /// A request goes there although it was silent; over, when it has ended or a head came.
  void asked() { ++asked_; }
  void over() { --asked_; }
  /// Whether it is asked last now.
  bool asked_last(TimePoint now) const;
  /// Until when in any case.
  TimePoint until() const { return until_; }
  /// How often in a row it was set back.
  int times() const { return times_; }

 private:
  void set_back(TimePoint now);

  int times_ = 0;
  int overtaken_ = 0;
  int asked_ = 0;
  TimePoint until_{};
};

}  // namespace ccrelay::state
