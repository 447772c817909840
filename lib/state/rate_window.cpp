#include "state/rate_window.hpp"

#include <algorithm>

namespace ccrelay::state {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool RateWindow::fits(std::uint64_t amount, std::uint64_t used) const {
  return used == 0 || (used <= limit_ && amount <= limit_ - used);
}

namespace {
std::size_t place_of(RateWindow::Slot slot, std::size_t slots) {
  const auto count = static_cast<RateWindow::Slot>(slots);
  return static_cast<std::size_t>((slot % count + count) % count);
}
}  // namespace

std::uint64_t& RateWindow::at(Slot slot) {
  return sums_[place_of(slot, slots)];
}

milliseconds& RateWindow::last(Slot slot) {
  return last_[place_of(slot, slots)];
}

// When the youngest of what is in it is a minute old.
TimePoint RateWindow::end_of(Slot slot) {
  return TimePoint(seconds(slot)) + last(slot) + seconds(60);
}

void RateWindow::slide(TimePoint now) {
  const Slot slot = std::chrono::floor<seconds>(now.time_since_epoch()).count();
  if (slot > newest_) {
    const Slot steps = std::min(slot - newest_, static_cast<Slot>(slots));
    for (Slot entered = slot - steps + 1; entered <= slot; ++entered) {
      used_ -= at(entered);
      at(entered) = 0;
      last(entered) = {};
    }
    newest_ = slot;
  }
}

// Without the second in which the minute began, when all that is in it is older than that. It stays
// until the next second, for corrections.
std::uint64_t RateWindow::counted(TimePoint now) {
  slide(now);
  const Slot oldest = newest_ - static_cast<Slot>(slots) + 1;
  return used_ - (now >= end_of(oldest) ? at(oldest) : 0);
}

bool RateWindow::has_room(std::uint64_t amount, TimePoint now) {
  const std::uint64_t used = counted(now);
  return limit_ == 0 || fits(amount, used);
}

RateWindow::Slot RateWindow::add(std::uint64_t amount, TimePoint now) {
  slide(now);
  at(newest_) += amount;
  used_ += amount;
  const auto since = std::chrono::ceil<milliseconds>(now - TimePoint(seconds(newest_)));
  last(newest_) = std::max(last(newest_), since);
  return newest_;
}

bool RateWindow::correct(Slot slot, std::uint64_t from, std::uint64_t to, TimePoint now) {
  slide(now);
  if (newest_ - slot >= static_cast<Slot>(slots)) return false;
  if (slot <= forgotten_) return true;  // nor is what comes late of it counted anew
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
  return end_of(oldest - 1);
}

void RateWindow::forget() {
  forgotten_ = newest_;
  used_ = 0;
  sums_.fill(0);
  last_.fill({});
}

std::uint64_t RateWindow::used(TimePoint now) {
  return counted(now);
}

}  // namespace ccrelay::state
