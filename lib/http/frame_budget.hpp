#pragma once

#include <ccrelay/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace ccrelay::http {

/// How many frames that cost their sender next to nothing a client may send: so many at once, and
/// as many again in each window. A token bucket.
class FrameBudget {
 public:
  static constexpr std::chrono::seconds window{10};

  explicit FrameBudget(std::uint32_t frames_per_window)
      : frames_(frames_per_window), left_(static_cast<double>(frames_per_window)) {}

  /// One frame at this time; false when there are none left.
  bool spend(TimePoint now) {
    const std::chrono::duration<double> passed = now - last_;
    const double refill = passed.count() / std::chrono::duration<double>(window).count();
    if (passed.count() > 0) left_ = std::min(frames_, left_ + refill * frames_);
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double frames_;
  double left_;
  TimePoint last_{};
};

}  // namespace ccrelay::http
