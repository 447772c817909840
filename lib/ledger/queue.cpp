#include "ledger/queue.hpp"

#include <iterator>
#include <utility>

namespace ccrelay::ledger {

void Queue::add(Entry&& entry, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) {
    since_ = now;
    wake_ = true;
  }
  entries_.push_back(std::move(entry));
  drop_surplus();
}

void Queue::limit(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  limit_ = limit;
  drop_surplus();
}

void Queue::for_each(const std::function<void(Entry&)>& call) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) call(entry);
}

// What is being written can't be dropped, and counts.
void Queue::drop_surplus() {
  while (!entries_.empty() && entries_.size() + taken_ > limit_) {
    entries_.pop_front();
    ++dropped_;
  }
}

bool Queue::wants_waking() {
  const std::lock_guard lock(mutex_);
  return std::exchange(wake_, false);
}

std::deque<Entry> Queue::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::deque<Entry> out;
  if (entries_.size() <= most) {
    out.swap(entries_);
  } else {
    const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(most);
    out.assign(std::make_move_iterator(entries_.begin()), std::make_move_iterator(end));
    entries_.erase(entries_.begin(), end);
  }
  taken_ = out.size();
  return out;
}

void Queue::done() {
  const std::lock_guard lock(mutex_);
  taken_ = 0;
}

void Queue::put_back(std::deque<Entry> entries) {
  const std::lock_guard lock(mutex_);
  taken_ = 0;
  entries_.insert(entries_.begin(), std::make_move_iterator(entries.begin()),
                  std::make_move_iterator(entries.end()));
  drop_surplus();
}

std::optional<TimePoint> Queue::since() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty() ? std::nullopt : std::optional(since_);
}

std::size_t Queue::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size() + taken_;
}

std::uint64_t Queue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace ccrelay::ledger
