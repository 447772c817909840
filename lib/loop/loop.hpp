#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/result.hpp>

#include <uv.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
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

  /// Monotonic time. Inside a callback of libuv's (see Callback) it is read when it is first asked
  /// for and stands still until the callback ends: it is never older than the callback's begin,
  /// however long the loop has waited before, or the callbacks before it have taken. At the end of
  /// a turn each task has a time of its own, and all timers that are due have the same. Outside of
  /// any callback it is read each time.
  TimePoint now() const {
    if (!now_known_) {
      now_ = clock_.now();
      now_known_ = inside_;
    }
    return now_;
  }
  /// What is done next is none of what was done so far: its time is read anew. For loops over many.
  void pass_time() { now_known_ = false; }
  /// When the first callback after the last wait for events began.
  TimePoint woke() const { return woke_; }
  /// Counts the waits for events. What was watched before this became another number has been
  /// looked at.
  std::uint64_t turn() const { return turn_; }

  /// Runs `call` on the loop's thread, in order. The one thread-safe function. A call posted to a
  /// loop that ends before its turn comes is dropped.
  void post(std::function<void()> call);

  /// Takes something that may still be on the call stack and destroys it when the turn ends.
  template <class T>
  void bury(std::unique_ptr<T> object) {
    if (!object) return;
    graveyard_.push_back(
        Buried(object.release(), [](void* buried) { delete static_cast<T*>(buried); }));
    // By an embedder's call, while the loop may be waiting: make sure that a turn ends.
    if (!inside_) wake();
  }
  /// Destroys what is buried now: for an owner that goes away itself between turns.
  void empty_graveyard();

 private:
  friend class TurnTask;
  friend class Callback;
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
  mutable TimePoint now_{};
  mutable bool now_known_ = false;
  bool inside_ = false;  // a callback of libuv's: the turn's end is to come
  std::uint64_t turn_ = 0;
  std::uint64_t woke_in_ = 0;  // the turn that woke_ is of
  TimePoint woke_{};
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

/// Stands on the stack of each function that libuv calls, around all that it does:
/// `const Callback here(loop);`. What the loop must outlive.
class Callback {
 public:
  explicit Callback(Loop& loop) : loop_(loop), outer_(std::exchange(loop.inside_, true)) {
    loop.now_known_ = false;
    if (loop.woke_in_ != loop.turn_) {
      loop.woke_in_ = loop.turn_;
      loop.woke_ = loop.now();
    }
  }
  ~Callback() {
    loop_.inside_ = outer_;
    loop_.now_known_ = false;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

 private:
  Loop& loop_;
  const bool outer_;
};

}  // namespace ccrelay::loop
