#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace ccrelay::worker {

/// How many read streams of the management, of whichever kind. Thread-safe.
class Seats {
 public:
  std::size_t taken() const { return taken_; }

 private:
  friend class Seat;
  std::atomic<std::size_t> taken_{0};
};

/// One reader's, until it goes. May outlive the relay.
class Seat {
 public:
  Seat() = default;
  Seat(Seat&& other) noexcept : seats_(std::exchange(other.seats_, nullptr)) {}
  Seat& operator=(Seat&& other) noexcept {
    std::swap(seats_, other.seats_);
    return *this;
  }
  ~Seat() {
    if (seats_) --seats_->taken_;
  }
  /// Empty when `most` are taken.
  static Seat take(std::shared_ptr<Seats> seats, std::size_t most) {
    Seat seat;
    if (seats->taken_.fetch_add(1) >= most) {
      --seats->taken_;
      return seat;
    }
    seat.seats_ = std::move(seats);
    return seat;
  }
  explicit operator bool() const { return seats_ != nullptr; }

 private:
  std::shared_ptr<Seats> seats_;
};

}  // namespace ccrelay::worker
