#include "state/key_lease.hpp"

#include <utility>

#include "state/keys.hpp"

namespace ccrelay::state {

KeyLease::KeyLease(KeyLease&& other) noexcept
    : keys_(std::exchange(other.keys_, nullptr)),
      record_(other.record_),
      reservation_(other.reservation_) {}

KeyLease& KeyLease::operator=(KeyLease&& other) noexcept {
  KeyLease taken(std::move(other));
  std::swap(keys_, taken.keys_);
  std::swap(record_, taken.record_);
  std::swap(reservation_, taken.reservation_);
  return *this;
}

KeyLease::~KeyLease() {
  // A destructor has no time at hand; budgets take an old one for the newest they have seen.
  reject(TimePoint::min());
}

void KeyLease::settle(const Usage& usage, TimePoint now) {
  Keys* const keys = std::exchange(keys_, nullptr);
  if (!keys) return;
  const std::lock_guard lock(keys->mutex_);
  record_->settle(reservation_, usage, now);
}

void KeyLease::reject(TimePoint now, bool unsent) {
  Keys* const keys = std::exchange(keys_, nullptr);
  if (!keys) return;
  const std::lock_guard lock(keys->mutex_);
  record_->give_back(reservation_, unsent, now);
}

}  // namespace ccrelay::state
