#include "upstream/dial_queue.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::upstream {

void DialQueue::want(DialSink& waiter) {
  for (const auto& running : running_) {
    if (running->waiter) continue;
    running->waiter = &waiter;
    return;
  }
  waiting_.push_back(&waiter);
  start_more();
}

void DialQueue::forget(DialSink& waiter) {
  std::erase(waiting_, &waiter);
  for (const auto& running : running_) {
    if (running->waiter != &waiter) continue;
    running->waiter = take_waiter();
    break;
  }
  drop_useless();
}

DialSink* DialQueue::take_waiter() {
  if (waiting_.empty()) return nullptr;
  DialSink* const first = waiting_.front();
  waiting_.pop_front();
  return first;
}

std::size_t DialQueue::looking_up() const {
  return static_cast<std::size_t>(std::count_if(
      running_.begin(), running_.end(), [](const auto& running) { return running->looks_up; }));
}

void DialQueue::start_more() {
  // How many look up is counted once: each that is started is one more.
  for (std::size_t count = looking_up(); count < lookups_max && !waiting_.empty(); ++count) {
    DialSink* const waiter = take_waiter();
    running_.push_back(std::make_unique<Running>(*this, *waiter));
    const CURLcode code = running_.back()->start();
    if (code == CURLE_OK) continue;
    running_.pop_back();
    DialFailure failure;
    failure.code = code;
    waiter->on_dial_failed(failure);
  }
}

// curl is on the stack when a name becomes known, so others begin when the turn ends.
void DialQueue::run_at_turn_end() {
  drop_useless();
  start_more();
}

// A connection that nobody waits for is given up; a look-up can't be, and whoever comes next may
// have it. At once, as curl may have word of its end already; none of them is on the stack.
void DialQueue::drop_useless() {
  std::erase_if(running_,
                [](const auto& running) { return !running->waiter && !running->looks_up; });
}

// It is on the stack.
void DialQueue::retire(const Running& running) {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const auto& one) { return one.get() == &running; });
  loop().bury(std::move(*found));
  running_.erase(found);
  schedule();
}

void DialQueue::Running::on_name_known() {
  if (!std::exchange(looks_up, false)) return;
  queue_.schedule();
}

void DialQueue::Running::on_dialed(std::unique_ptr<Channel> channel) {
  DialSink* const told = waiter ? waiter : queue_.take_waiter();
  queue_.retire(*this);
  if (told) told->on_dialed(std::move(channel));
}

void DialQueue::Running::on_dial_failed(const DialFailure& failure) {
  DialQueue& queue = queue_;
  const bool unknown = looks_up;
  DialSink* told = waiter ? waiter : queue.take_waiter();
  queue.retire(*this);
  // Who has waited for this look-up has its answer; those that come later make another.
  std::size_t count = unknown ? queue.waiting_.size() : 0;
  for (; told; told = count-- > 0 ? queue.take_waiter() : nullptr) told->on_dial_failed(failure);
}

}  // namespace ccrelay::upstream
