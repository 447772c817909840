#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "base/timer_queue.hpp"

namespace ccrelay::server {

/// Tells when a crowd of connections has gone, so that what it took can be given back: malloc keeps
/// freed memory, and after thousands of slow readers that is hundreds of megabytes.
class CrowdGone {
 public:
  /// So many connections fewer are worth it.
  static constexpr std::size_t crowd = 256;
  /// One call for a crowd that leaves within this.
  static constexpr std::chrono::milliseconds wait{1000};

  CrowdGone(base::TimerQueue& timers, std::function<void()> on_gone)
      : on_gone_(std::move(on_gone)), timer_(timers, [this] {
          most_ = open_;
          on_gone_();
        }) {}

  /// So many connections are open now.
  void open(std::size_t count, TimePoint now) {
    open_ = count;
    if (count > most_) most_ = count;
    // Half of them at least: ever fewer calls for a crowd that leaves slowly.
    if (most_ - count >= crowd && count <= most_ / 2 && !timer_.armed()) timer_.arm(now + wait);
  }

 private:
  std::function<void()> on_gone_;
  std::size_t open_ = 0;
  std::size_t most_ = 0;  // since the last call
  base::Timer timer_;
};

}  // namespace ccrelay::server
