#pragma once

#include <ccrelay/manage_events.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ccrelay::worker {

/// Something that happens to a request, while it is told. It is put into words when somebody who
/// has room for them asks for them, since that is what costs. On the worker's thread.
class Happening {
 public:
  Happening(management::RequestEventKind kind, std::uint64_t number, WallTime time)
      : kind_(kind), number_(number), time_(time) {}
  virtual ~Happening() = default;
  Happening(const Happening&) = delete;
  Happening& operator=(const Happening&) = delete;

  management::RequestEventKind kind() const { return kind_; }
  std::uint64_t number() const { return number_; }
  WallTime time() const { return time_; }
  /// The request as it is now, with its attempts; made once for all who ask.
  const std::shared_ptr<const management::Request>& request() const {
    if (!request_) request_ = std::make_shared<const management::Request>(whole());
    return request_;
  }
  /// That it is about, of those kinds.
  virtual management::Attempt attempt() const = 0;
  /// Of that kind.
  virtual management::FirstByte first_byte() const = 0;

 private:
  virtual management::Request whole() const = 0;

  const management::RequestEventKind kind_;
  const std::uint64_t number_;
  const WallTime time_;
  mutable std::shared_ptr<const management::Request> request_;
};

/// Somebody who is told. Thread-safe.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// When it happens, on the worker's thread. Must not block, nor call back.
  virtual void take(const Happening& happening) = 0;
  /// Nothing more will happen.
  virtual void close() = 0;
};

/// Those who watch a relay's requests. Thread-safe.
class Watchers {
 public:
  /// All that a request pays when nobody does.
  bool any() const { return count_.load(std::memory_order_relaxed) > 0; }
  /// Whether one of them keeps up, and is not one who has stopped reading.
  bool any_keeps_up() const {
    return count_.load(std::memory_order_relaxed) > full_.load(std::memory_order_relaxed);
  }
  /// A watcher's queue is full, or is so no longer.
  void is_full(bool full) { full ? ++full_ : --full_; }
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
  void offer(const Happening& happening) {
    const std::lock_guard lock(mutex_);
    for (const One& one : all_) one.watcher->take(happening);
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
  std::atomic<std::size_t> full_{0};
  std::atomic<std::int32_t> progress_ms_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace ccrelay::worker
