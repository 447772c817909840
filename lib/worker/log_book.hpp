#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/observer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace ccrelay::worker {

using LinePtr = std::shared_ptr<const management::LogLine>;

/// Someone who reads the log.
class LogWatcher {
 public:
  virtual ~LogWatcher() = default;
  /// On the thread where it happened. Must not block, nor call back.
  virtual void take(const LinePtr& line) = 0;
  /// Nothing more will come.
  virtual void close() = 0;
};

/// The log as the management has it: which level an operator wants, who reads, and notes of late.
/// Requests that were relayed are no lines here until somebody reads: those of late are in Recent.
/// Thread-safe; outlived by its readers.
class LogBook {
 public:
  static constexpr std::size_t bytes_max = 1 << 20;

  /// Of the configuration in force.
  void configure(Level level, std::size_t lines);
  Level configured() const { return configured_.load(std::memory_order_relaxed); }

  /// Sets a level over the configuration's, until then; nothing: takes it back. False if it was so.
  bool set_level(std::optional<Level> level, std::optional<TimePoint> until, Observer* observer);
  /// Whether an operator wants one: all that is paid while none does.
  bool has_level() const { return wanted_.load(std::memory_order_relaxed) >= 0; }
  /// What an operator wants, unless its time is over: then the observer is told so.
  std::optional<Level> wanted(TimePoint now, Observer* observer);
  /// When that ends.
  std::optional<TimePoint> until() const;

  bool has_watchers() const { return watchers_count_.load(std::memory_order_relaxed) > 0; }
  /// Remembers it and tells who reads.
  void add(management::LogLine line);
  /// Only tells who reads.
  void tell(management::LogLine line);
  /// What is remembered, the oldest first; the watcher is told what comes behind that. Nothing when
  /// the relay has stopped.
  std::optional<std::vector<LinePtr>> watch(std::shared_ptr<LogWatcher> watcher);
  void leave(const LogWatcher& watcher);
  void close();
  void dropped(std::uint64_t lines) { dropped_ += lines; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::atomic<Level> configured_{Level::info};
  std::atomic<int> wanted_{-1};
  std::atomic<std::size_t> watchers_count_{0};
  std::atomic<std::uint64_t> dropped_{0};
  mutable std::mutex mutex_;
  std::optional<TimePoint> until_;
  std::size_t lines_max_ = 1000;
  std::size_t bytes_ = 0;
  std::deque<LinePtr> lines_;
  std::vector<std::shared_ptr<LogWatcher>> watchers_;
  bool closed_ = false;
};

/// About how much memory a line takes.
std::size_t bytes_of(const management::LogLine& line);

}  // namespace ccrelay::worker
