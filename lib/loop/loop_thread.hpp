#pragma once

#include <ccrelay/result.hpp>

#include <uv.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "loop/loop.hpp"

namespace ccrelay::loop {

/// A loop that a thread of its own turns, with no signal to take, until it is told to stop. What
/// lives on the loop is made before start(), or on the thread, and destroyed behind stop() and
/// before this. Made, started, stopped and destroyed on one thread.
class LoopThread {
 public:
  static Result<std::unique_ptr<LoopThread>> make(const Clock& clock);
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  Loop& loop() { return *loop_; }
  Result<void> start();
  /// Calls `last` on the thread, if it runs, and waits for its end.
  void stop(std::function<void()> last);

 private:
  LoopThread() = default;

  uv_loop_t uv_{};
  uv_async_t* stay_ = nullptr;  // a loop with nothing to wait for would end
  std::optional<Loop> loop_;
  std::thread thread_;
};

}  // namespace ccrelay::loop
