#include "base/timer_queue.hpp"

namespace ccrelay::base {

void TimerQueue::place(std::size_t index, const Entry& entry) {
  heap_[index] = entry;
  entry.timer->index_ = index;
}

void TimerQueue::sift_up(std::size_t index) {
  const Entry entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!entry.before(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::sift_down(std::size_t index) {
  const Entry entry = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

void TimerQueue::insert(Timer& timer, TimePoint deadline) {
  heap_.push_back({deadline, order_++, &timer});
  timer.index_ = heap_.size() - 1;
  sift_up(timer.index_);
}

void TimerQueue::erase(Timer& timer) {
  const std::size_t index = timer.index_;
  timer.index_ = Timer::none;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  place(index, last);
  sift_up(index);
  sift_down(last.timer->index_);
}

bool TimerQueue::run_due(TimePoint now) {
  bool fired = false;
  for (std::size_t left = heap_.size(); left > 0; --left) {
    if (heap_.empty() || heap_.front().deadline > now) break;
    Timer& timer = *heap_.front().timer;
    erase(timer);
    fired = true;
    // A copy, because the callback may destroy the timer that holds it.
    const auto on_due = timer.on_due_;
    on_due();
  }
  return fired;
}

std::optional<TimePoint> TimerQueue::next_deadline() const {
  if (heap_.empty()) return {};
  return heap_.front().deadline;
}

void TimerQueue::move(Timer& timer, TimePoint deadline) {
  const std::size_t index = timer.index_;
  heap_[index].deadline = deadline;
  heap_[index].order = order_++;
  sift_up(index);
  sift_down(timer.index_);
}

void Timer::arm(TimePoint deadline) {
  if (armed()) {
    queue_.move(*this, deadline);
  } else {
    queue_.insert(*this, deadline);
  }
}

void Timer::cancel() {
  if (armed()) queue_.erase(*this);
}

}  // namespace ccrelay::base
