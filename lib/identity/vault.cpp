#include "identity/vault.hpp"

#include <algorithm>

#include "identity/desk.hpp"
#include "identity/limits.hpp"

namespace ccrelay::identity {
namespace {

WallTime::duration wall_duration(Duration duration) {
  return std::chrono::duration_cast<WallTime::duration>(duration);
}

WallTime refresh_time(const Issued& credentials, WallTime now) {
  const auto expiry = expiry_of(credentials);
  if (!expiry) return WallTime::max();
  const auto life = *expiry - now;
  return now + std::max(life - wall_duration(refresh_ahead), life / 2);
}

}  // namespace

Vault::Vault(Chain chain, Route route) : chain_(std::move(chain)), route_(std::move(route)) {}
Vault::~Vault() = default;

bool Vault::usable(WallTime now) const {
  if (!current_) return false;
  const auto expiry = expiry_of(*current_);
  return !expiry || now < *expiry;
}

bool Vault::resting(TimePoint now) const {
  // For want of descriptors nobody was asked: nobody needs a rest.
  return error_ && error_->code != ErrorCode::limit && now - failed_at_ < retry_gap;
}

Vault::Got Vault::get(Desk& desk, Waiter& waiter) {
  const Clock& clock = desk.clock();
  bool fetched = false;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      const WallTime wall = clock.wall();
      const bool rests = resting(clock.now());
      if (usable(wall)) {
        if (wall < refresh_from_ || fetching_ || fetched || rests) return current_;
      } else if (fetching_) {
        ++waiting_[&desk];
        return desk.wait(shared_from_this(), number_, waiter);
      } else if (rests || (fetched && error_)) {
        return *error_;
      }
      fetching_ = &desk;
    }
    // Without the lock: it reads files. What comes at once is found in the next round.
    fetch(desk);
    fetched = true;
  }
}

void Vault::fetch(Desk& desk) {
  if (auto outcome = desk.fetch(shared_from_this())) finish(desk, *std::move(outcome));
}

void Vault::take(Fetched outcome, const Clock& clock) {
  fetching_ = nullptr;
  source_ = std::move(outcome.source);
  if (!outcome.result) {
    error_ = std::move(outcome.result).error();
    failed_at_ = clock.now();
    return;
  }
  error_.reset();
  const WallTime now = clock.wall();
  refresh_from_ = refresh_time(*outcome.result, now);
  last_refresh_ = now;
  current_ = std::make_shared<const Issued>(*std::move(outcome.result));
}

void Vault::finish(Desk& desk, Fetched outcome) {
  const std::lock_guard lock(mutex_);
  take(std::move(outcome), desk.clock());
  const auto result = std::make_shared<const Result<Held>>(
      usable(desk.clock().wall()) ? Result<Held>(current_) : Result<Held>(*error_));
  // Posted to this desk too: it may be inside of somebody's get(). A desk that is in the list is
  // alive, because it takes itself out under this lock.
  for (const auto& [waiting, count] : waiting_)
    waiting->post_delivery(shared_from_this(), number_, result);
  waiting_.clear();
  ++number_;
}

// The desk goes away in the middle of its fetch.
void Vault::abandon(Desk& desk) {
  const std::lock_guard lock(mutex_);
  if (fetching_ != &desk) return;
  fetching_ = nullptr;
  for (const auto& [waiting, count] : waiting_) waiting->post_take_over(shared_from_this());
}

void Vault::take_over(Desk& desk) {
  {
    const std::lock_guard lock(mutex_);
    // Somebody else was faster, or nobody waits here any more.
    if (fetching_ || waiting_.count(&desk) == 0) return;
    fetching_ = &desk;
  }
  fetch(desk);
}

void Vault::forget(Desk& desk, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  // A later fetch has ended: its delivery is on the way, and this desk is not in the list for it.
  if (number != number_) return;
  const auto found = waiting_.find(&desk);
  if (--found->second == 0) waiting_.erase(found);
}

bool Vault::invalidate(const Held& used, const Clock& clock) {
  const std::lock_guard lock(mutex_);
  if (used != current_ || !current_) return true;
  const TimePoint now = clock.now();
  if (invalidated_at_ && now - *invalidated_at_ < retry_gap) return false;
  invalidated_at_ = now;
  current_.reset();
  error_.reset();
  return true;
}

VaultView Vault::view(const Clock& clock) const {
  const std::lock_guard lock(mutex_);
  VaultView view;
  view.source = source_;
  view.refreshing = fetching_ != nullptr;
  view.last_refresh = last_refresh_;
  if (error_) view.last_error = error_->message;
  if (usable(clock.wall())) {
    view.state = VaultState::ready;
    view.expiry = expiry_of(*current_);
  } else if (fetching_) {
    view.state = VaultState::fetching;
  } else if (error_) {
    view.state = VaultState::failed;
  }
  return view;
}

}  // namespace ccrelay::identity
