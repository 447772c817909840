#pragma once

#include <ccrelay/manage_events.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "loop/loop.hpp"

namespace ccrelay::worker {

/// What happened to a request: as it is then, with its attempts.
struct Happening {
  management::RequestEventKind kind = management::RequestEventKind::unspecified;
  WallTime time{};
  management::Request request;
  std::size_t attempt = 0;  ///< which of request.attempts it is about, of those kinds
};

/// Somebody who is told. Thread-safe.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// What happened in a turn of one worker, on its thread. Must not block, nor call back.
  virtual void take(const std::vector<Happening>& batch) = 0;
  /// Nothing more will happen.
  virtual void close() = 0;
};

/// Those who watch a relay's requests. Thread-safe.
class Watchers {
 public:
  /// All that a request pays when nobody does.
  bool any() const { return count_.load(std::memory_order_relaxed) > 0; }
  /// How often progress is worth telling at most; 0 = nobody wants it.
  std::int32_t progress_ms() const { return progress_ms_.load(std::memory_order_relaxed); }

  /// False when the relay stops.
  bool add(std::shared_ptr<Watcher> watcher, std::int32_t progress_ms) {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    all_.push_back({std::move(watcher), progress_ms});
    recount();
    return true;
  }
  void remove(const Watcher& watcher) {
    const std::lock_guard lock(mutex_);
    std::erase_if(all_, [&](const One& one) { return one.watcher.get() == &watcher; });
    recount();
  }
  void offer(const std::vector<Happening>& batch) {
    const std::lock_guard lock(mutex_);
    for (const One& one : all_) one.watcher->take(batch);
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const One& one : std::exchange(all_, {})) one.watcher->close();
    recount();
  }
  std::size_t count() const { return count_.load(); }
  void dropped(std::uint64_t events) { dropped_ += events; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct One {
    std::shared_ptr<Watcher> watcher;
    std::int32_t progress_ms;
  };
  void recount() {
    std::int32_t least = 0;
    for (const One& one : all_) {
      if (one.progress_ms > 0 && (least == 0 || one.progress_ms < least)) least = one.progress_ms;
    }
    progress_ms_ = least;
    count_ = all_.size();
  }

  mutable std::mutex mutex_;
  std::vector<One> all_;
  bool closed_ = false;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::int32_t> progress_ms_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

/// What happened in this turn of one worker, told when it is over. On its thread.
class Happenings final : public loop::TurnTask {
 public:
  Happenings(loop::Loop& loop, Watchers& watchers) : TurnTask(loop), watchers_(watchers) {}

  bool wanted() const { return watchers_.any(); }
  std::int32_t progress_ms() const { return watchers_.progress_ms(); }
  void add(Happening happening) {
    happening.time = loop().clock().wall();
    batch_.push_back(std::move(happening));
    schedule();
  }

 private:
  void run_at_turn_end() override {
    watchers_.offer(batch_);
    batch_.clear();
  }

  Watchers& watchers_;
  std::vector<Happening> batch_;
};

}  // namespace ccrelay::worker
