#include "state/rate_window.hpp"

#include <algorithm>

namespace ccrelay::state {

using std::chrono::seconds;

bool RateWindow::fits(std::uint64_t amount, std::uint64_t used) const {
  return used == 0 || (used <= limit_ && amount <= limit_ - used);
}

std::uint64_t& RateWindow::at(Slot slot) {
  constexpr auto count = static_cast<Slot>(slots);
  return sums_[static_cast<std::size_t>((slot % count + count) % count)];
}

void RateWindow::slide(TimePoint now) {
  const Slot slot = std::chrono::floor<seconds>(now.time_since_epoch()).count();
  if (slot <= newest_) return;
  const Slot steps = std::min(slot - newest_, static_cast<Slot>(slots));
  for (Slot entered = slot - steps + 1; entered <= slot; ++entered) {
    used_ -= at(entered);
    at(entered) = 0;
  }
  newest_ = slot;
}

bool RateWindow::has_room(std::uint64_t amount, TimePoint now) {
  slide(now);
  return limit_ == 0 || fits(amount, used_);
}

RateWindow::Slot RateWindow::add(std::uint64_t amount, TimePoint now) {
  slide(now);
  at(newest_) += amount;
  used_ += amount;
  return newest_;
}

bool RateWindow::correct(Slot slot, std::uint64_t from, std::uint64_t to, TimePoint now) {
  slide(now);
  if (newest_ - slot >= static_cast<Slot>(slots)) return false;
  at(slot) += to - from;
  used_ += to - from;
  return true;
}

TimePoint RateWindow::free_at(std::uint64_t amount, TimePoint now) {
  if (has_room(amount, now)) return now;
  constexpr auto count = static_cast<Slot>(slots);
  std::uint64_t left = used_;
  Slot oldest = newest_ - count + 1;
  for (; !fits(amount, left); ++oldest) left -= at(oldest);
  return TimePoint(seconds(oldest - 1 + count));
}

std::uint64_t RateWindow::used(TimePoint now) {
  slide(now);
  return used_;
}

}  // namespace ccrelay::state
