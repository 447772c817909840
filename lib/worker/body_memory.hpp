#pragma once

#include <ccrelay/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/timer_queue.hpp"
#include "wire/request_view.hpp"

namespace ccrelay::worker {

/// Gives back what large bodies took, once they have gone: malloc keeps what was freed, and the
/// parser about as much as the largest body that it saw. Both are worth keeping while such bodies
/// come one after the other: fresh pages cost more than reading them. One a worker, on its thread.
class BodyMemory {
 public:
  /// So many bytes of bodies fewer than there were are worth it.
  static constexpr std::uint64_t worth = 8 << 20;
  /// What comes within this is still the same run of bodies.
  static constexpr std::chrono::milliseconds wait{1000};

  BodyMemory(base::TimerQueue& timers, wire::RequestReader& reader,
             std::function<void()> give_back_spare)
      : reader_(reader), give_back_spare_(std::move(give_back_spare)), timer_(timers, [this] {
          const bool much = reader_.holds_much();
          reader_.let_go();
          if (much || shrunk()) give_back_spare_();
          most_ = held_;
        }) {}

  /// Bytes of a body have come; they are gone again.
  void came(std::uint64_t bytes) { most_ = std::max(most_, held_ += bytes); }
  void went(std::uint64_t bytes, TimePoint now) {
    held_ -= bytes;
    if (shrunk() && !timer_.armed()) timer_.arm(now + wait);
  }
  /// The reader has read a body.
  void was_read(TimePoint now) {
    if (reader_.holds_much()) timer_.arm(now + wait);
  }

 private:
  // Half of them at least: ever fewer calls for a crowd that goes slowly.
  bool shrunk() const { return most_ - held_ >= worth && held_ <= most_ / 2; }

  wire::RequestReader& reader_;
  std::function<void()> give_back_spare_;
  std::uint64_t held_ = 0;
  std::uint64_t most_ = 0;  // since the last call
  base::Timer timer_;
};

}  // namespace ccrelay::worker
