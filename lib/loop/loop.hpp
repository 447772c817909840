#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/result.hpp>

#include <uv.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/timer_queue.hpp"

namespace ccrelay::loop {

class Loop;

/// uv_loop_init(), with words for its failure: most likely the process is out of descriptors.
Result<void> init_loop(uv_loop_t& uv);

/// Something that wants to act once when the current turn of the loop ends, such as writing out
/// what was collected or entering a C library from the loop alone. Destroying it takes the wish
/// back.
class TurnTask {
 public:
  explicit TurnTask(Loop& loop) : loop_(loop) {}
  virtual ~TurnTask();
  TurnTask(const TurnTask&) = delete;
  TurnTask& operator=(const TurnTask&) = delete;

  /// Asks for run_at_turn_end(); asking twice is asking once.
  void schedule();
  /// The same for the end of the next turn, which comes at once: others are served in between.
  void schedule_next();

 protected:
  virtual void run_at_turn_end() = 0;
  Loop& loop() const { return loop_; }

 private:
  friend class Loop;
  Loop& loop_;
  bool scheduled_ = false;
  bool scheduled_next_ = false;
};

/// One libuv loop and what a worker adds to it: timers on the relay's clock, calls posted by other
/// threads, tasks for the end of a turn, and the graveyard. Everything but post() belongs to the
/// loop's thread. A turn ends just before the loop would wait for events (uv_prepare).
class Loop {
 public:
  /// On a libuv loop that somebody else owns; it must be turned once more after this is destroyed.
  Loop(uv_loop_t& uv, const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  uv_loop_t& uv() { return uv_; }
  const Clock& clock() const { return clock_; }
  base::TimerQueue& timers() { return timers_; }

  /// Monotonic time, read once a turn.
  TimePoint now() const { return now_; }

  /// Runs `call` on the loop's thread, in order. The one thread-safe function. A call posted to a
  /// loop that ends before its turn comes is dropped.
  void post(std::function<void()> call);

  /// Takes something that may still be on the call stack and destroys it when the turn ends.
  template <class T>
  void bury(std::unique_ptr<T> object) {
    if (!object) return;
    graveyard_.push_back(
        Buried(object.release(), [](void* buried) { delete static_cast<T*>(buried); }));
    wake();
  }
  /// Destroys what is buried now: for an owner that goes away itself between turns.
  void empty_graveyard();

 private:
  friend class TurnTask;
  using Buried = std::unique_ptr<void, void (*)(void*)>;
  // libuv's half: freed by the last close callback, which may come after ~Loop.
  struct Block {
    uv_prepare_t prepare;
    uv_check_t check;
    uv_timer_t timer;
    uv_async_t async;
    uv_idle_t idle;
    Loop* owner;
    int open = 0;
  };

  void end_turn();
  void begin_turn();
  void run_posted();
  void arm();
  void wake();

  uv_loop_t& uv_;
  const Clock& clock_;
  TimePoint now_;
  Block* block_;
  base::TimerQueue timers_;
  std::vector<TurnTask*> tasks_;
  std::vector<TurnTask*> next_tasks_;
  std::vector<Buried> graveyard_;
  std::mutex posted_mutex_;
  std::deque<std::function<void()>> posted_;
  bool timer_armed_ = false;
  TimePoint timer_deadline_{};
};

}  // namespace ccrelay::loop
