#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>
#include <optional>

namespace ccrelay::state {

/// A moving average of times to first byte that forgets with time: after `memory` without a sample
/// the next one weighs about two thirds, right after another one little. Unknown again when nothing
/// was seen for five minutes. Pure.
class Latency {
 public:
  static constexpr Duration memory = std::chrono::seconds(60);
  static constexpr Duration time_to_live = std::chrono::minutes(5);

  void add(Duration first_byte, TimePoint now);
  std::optional<Duration> average(TimePoint now) const;

 private:
  std::optional<TimePoint> last_;
  double average_ = 0;  // nanoseconds
};

}  // namespace ccrelay::state
