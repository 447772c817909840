#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_types.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ccrelay::worker {

/// The decisions about one request, as far as somebody wanted to know. Its worker's thread.
class Trace {
 public:
  static constexpr std::size_t steps_max = 200;

  /// Of a request whose head was complete then.
  explicit Trace(TimePoint begun) : begun_(begun) {}
  TimePoint begun() const { return begun_; }
  void add(management::TraceStep step) {
    if (!steps_) steps_ = std::make_unique<std::vector<management::TraceStep>>();
    if (steps_->size() < steps_max) steps_->push_back(std::move(step));
  }
  bool any() const { return steps_ != nullptr; }
  std::vector<management::TraceStep> steps() const {
    return steps_ ? *steps_ : std::vector<management::TraceStep>();
  }

 private:
  const TimePoint begun_;
  std::unique_ptr<std::vector<management::TraceStep>> steps_;
};

/// Whether traces are wanted, and those of requests that ended lately. Thread-safe.
class Traces {
 public:
  using Steps = std::vector<management::TraceStep>;
  /// Of all that are kept together.
  static constexpr std::size_t steps_max = 20'000;

  /// `always`: nobody has to ask. So many are kept.
  void configure(bool always, std::size_t requests) {
    always_ = always;
    const std::lock_guard lock(mutex_);
    requests_max_ = requests;
    drop();
  }
  /// Somebody has looked at a request: for a minute from now others will be looked at too.
  void looked(TimePoint now) {
    until_.store((now + std::chrono::minutes(1)).time_since_epoch().count(),
                 std::memory_order_relaxed);
  }
  bool wanted(TimePoint now) const {
    return always_.load(std::memory_order_relaxed) ||
           now.time_since_epoch().count() < until_.load(std::memory_order_relaxed);
  }

  void keep(std::uint64_t number, Steps steps) {
    const std::lock_guard lock(mutex_);
    count_ += steps.size();
    kept_[number] = std::move(steps);
    drop();
  }
  /// Empty where it was not recorded, or is forgotten.
  Steps of(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(number);
    return found == kept_.end() ? Steps() : found->second;
  }

 private:
  void drop() {
    while (!kept_.empty() && (kept_.size() > requests_max_ || count_ > steps_max)) {
      count_ -= kept_.begin()->second.size();
      kept_.erase(kept_.begin());
    }
  }

  std::atomic<bool> always_{false};
  std::atomic<TimePoint::rep> until_{0};
  mutable std::mutex mutex_;
  std::size_t requests_max_ = 200;
  std::size_t count_ = 0;
  std::map<std::uint64_t, Steps> kept_;  // the oldest first
};

}  // namespace ccrelay::worker
