#pragma once

#include <ccrelay/clock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace ccrelay::worker {

/// How late a loop was at most in the last ten seconds, as far as somebody has measured it. One
/// thread notes, any reads.
class RecentLag {
 public:
  void note(Duration lateness, TimePoint now) {
    const std::lock_guard lock(mutex_);
    Second& second = seconds_[static_cast<std::size_t>(second_of(now)) % seconds_.size()];
    if (second.which != second_of(now)) second = {second_of(now), {}};
    second.most = std::max(second.most, lateness);
  }
  Duration most(TimePoint now) const {
    const std::lock_guard lock(mutex_);
    Duration most{};
    for (const Second& second : seconds_) {
      if (second.which + static_cast<std::int64_t>(seconds_.size()) > second_of(now)) {
        most = std::max(most, second.most);
      }
    }
    return most;
  }

 private:
  struct Second {
    std::int64_t which = INT64_MIN / 2;
    Duration most{};
  };
  static std::int64_t second_of(TimePoint now) {
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  }
  mutable std::mutex mutex_;
  std::array<Second, 10> seconds_{};
};

}  // namespace ccrelay::worker
