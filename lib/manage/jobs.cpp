#include "manage/jobs.hpp"

#include <system_error>
#include <utility>

#include "base/all_signals_blocked.hpp"

namespace ccrelay::manage {
namespace {
constexpr std::size_t waiting_max = 64;
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Jobs::add(Job job) {
  const std::lock_guard lock(mutex_);
  if (stops_ || waiting_.size() >= waiting_max) return false;
  if (!thread_.joinable()) {
    try {
      const base::AllSignalsBlocked blocked;
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      return false;
    }
  }
  waiting_.push_back(std::move(job));
  changed_.notify_all();
  return true;
}

void Jobs::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stops_ || !waiting_.empty(); });
    if (stops_) return;
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      job([this] { return stops_.load(); });
    } catch (...) {
      // Most likely std::bad_alloc; whoever waits has a deadline.
    }
    lock.lock();
  }
}

}  // namespace ccrelay::manage
