#include "state/latency.hpp"

#include <algorithm>
#include <cmath>

namespace ccrelay::state {
namespace {

// Samples that come close together still count for something.
constexpr double weight_min = 0.1;

}  // namespace

void Latency::add(Duration first_byte, TimePoint now) {
  const auto sample =
      static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(first_byte).count());
  if (!average(now)) {
    average_ = sample;
  } else {
    const double age = std::chrono::duration<double>(now - *last_).count();
    const double weight =
        std::max(weight_min, 1 - std::exp(-age / std::chrono::duration<double>(memory).count()));
    average_ += weight * (sample - average_);
  }
  last_ = now;
}

std::optional<Duration> Latency::average(TimePoint now) const {
  if (!last_ || now - *last_ >= time_to_live) return {};
  return std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(std::llround(average_)));
}

}  // namespace ccrelay::state
