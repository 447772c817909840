#include "manage/ticker.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/all_signals_blocked.hpp"

namespace ccrelay::manage {

bool Ticker::add(std::shared_ptr<Ticked> one) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  if (!thread_.joinable()) {
    try {
      const base::AllSignalsBlocked blocked;
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      return false;
    }
  }
  all_.push_back(std::move(one));
  changed_.notify_all();
  return true;
}

void Ticker::remove(const Ticked& one) {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& other) { return other.get() == &one; });
}

void Ticker::changed() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void Ticker::close() {
  std::vector<std::shared_ptr<Ticked>> all;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    all = std::exchange(all_, {});
    changed_.notify_all();
  }
  for (const auto& one : all) one->close();
  if (thread_.joinable()) thread_.join();
}

void Ticker::run() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    Ticked::Time next = Ticked::Time::max();
    const Ticked::Time now = std::chrono::steady_clock::now();
    for (const auto& one : all_) {
      if (one->due() <= now) one->ring();
      next = std::min(next, one->due());
    }
    if (next == Ticked::Time::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

}  // namespace ccrelay::manage
