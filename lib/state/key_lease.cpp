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

template <class How>
void KeyLease::end(How how) {
  Keys* const keys = std::exchange(keys_, nullptr);
  if (!keys) return;
  const std::lock_guard lock(keys->mutex_);
  how(*record_);
}

void KeyLease::learn(const base::RateLimits& said, TimePoint now) {
  if (!keys_) return;
  const std::lock_guard lock(keys_->mutex_);
  record_->learn(reservation_.sequence, said, now);
}

void KeyLease::settle(const Tokens& used, TimePoint now) {
  end([&](KeyRecord& record) {
    record.accept();
    record.settle(reservation_, used, now);
  });
}

void KeyLease::reject(TimePoint now, bool unsent) {
  end([&](KeyRecord& record) { record.give_back(reservation_, unsent, now); });
}

void KeyLease::cool(std::string_view model, TimePoint until, TimePoint now, ToldPtr told) {
  end([&](KeyRecord& record) {
    record.give_back(reservation_, false, now);
    record.cool(model, until, std::move(told));
  });
}

void KeyLease::bar(std::string_view model, TimePoint until, TimePoint now, ToldPtr told) {
  end([&](KeyRecord& record) {
    record.give_back(reservation_, false, now);
    record.bar(model, until, std::move(told));
  });
}

void KeyLease::refuse(TimePoint until, TimePoint now, ToldPtr told) {
  end([&](KeyRecord& record) {
    record.give_back(reservation_, false, now);
    record.refuse(until, std::move(told));
  });
}

void KeyLease::exhaust(TimePoint until, TimePoint now, ToldPtr told) {
  end([&](KeyRecord& record) {
    record.give_back(reservation_, false, now);
    record.exhaust(until, std::move(told));
  });
}

}  // namespace ccrelay::state
