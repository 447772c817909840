#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "loop/loop.hpp"

namespace ccrelay::loop {

/// What other threads post to a loop by when it may be gone before they are. Held by a shared
/// pointer; thread-safe.
class Mailbox {
 public:
  explicit Mailbox(Loop& loop) : loop_(&loop) {}

  /// As Loop::post(); dropped when the loop is gone.
  void post(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    if (loop_) loop_->post(std::move(call));
  }
  /// Before the loop goes.
  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Loop* loop_;
};

}  // namespace ccrelay::loop
