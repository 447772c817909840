#pragma once

#include <uv.h>

#include <functional>

namespace ccrelay::relay {

/// Tells an embedding program on its own loop that the relay has stopped, with nothing of the relay
/// on the stack: it may destroy the relay then. Until that is said it keeps the loop alive. Made
/// and destroyed on the loop's thread, and belongs to the relay's parts; libuv's half of it
/// outlives it by a turn.
class Farewell {
 public:
  /// `call` may be empty.
  Farewell(uv_loop_t& uv, std::function<void()> call);
  ~Farewell();
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;

  /// Calls it in the loop's next turn, which comes at once. Once; any thread.
  void say();

 private:
  struct Block;
  Block* block_;
};

/// Calls it, if there is something to call; what it throws is dropped.
void call_guarded(const std::function<void()>& call) noexcept;

}  // namespace ccrelay::relay
