#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_types.hpp>
#include <ccrelay/observer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::worker {

/// A decision about a request, as it is kept: most are never looked at.
struct Step {
  TimePoint at;
  std::string_view event;  // a literal, as are the fields' names
  std::string message;
  std::vector<Note::Field> fields;
};

/// In the words of the management; of a request that began then.
std::vector<management::TraceStep> told(const std::vector<Step>& steps, TimePoint begun);

/// The decisions about one request, as far as somebody wanted to know. Its worker's thread.
class Trace {
 public:
  static constexpr std::size_t steps_max = 200;

  /// Of a request whose head was complete then.
  explicit Trace(TimePoint begun) : begun_(begun) {}
  TimePoint begun() const { return begun_; }
  void add(Step step) {
    if (steps_.empty()) steps_.reserve(steps_usual);
    if (steps_.size() < steps_max) steps_.push_back(std::move(step));
  }
  bool any() const { return !steps_.empty(); }
  std::vector<management::TraceStep> steps() const { return told(steps_, begun_); }
  /// The request has ended: what there is.
  std::vector<Step> take() { return std::move(steps_); }

 private:
  static constexpr std::size_t steps_usual = 8;

  const TimePoint begun_;
  std::vector<Step> steps_;
};

/// Whether traces are wanted, and those of requests that ended lately. Thread-safe.
class Traces {
 public:
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

  void keep(std::uint64_t number, Trace& trace) {
    Kept one{trace.begun(), trace.take()};
    const std::lock_guard lock(mutex_);
    count_ += one.steps.size();
    kept_.insert_or_assign(kept_.end(), number, std::move(one));
    drop();
  }
  /// Empty where it was not recorded, or is forgotten.
  std::vector<management::TraceStep> of(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(number);
    if (found == kept_.end()) return {};
    return told(found->second.steps, found->second.begun);
  }

 private:
  struct Kept {
    TimePoint begun;
    std::vector<Step> steps;
  };
  void drop() {
    while (!kept_.empty() && (kept_.size() > requests_max_ || count_ > steps_max)) {
      count_ -= kept_.begin()->second.steps.size();
      kept_.erase(kept_.begin());
    }
  }

  std::atomic<bool> always_{false};
  std::atomic<TimePoint::rep> until_{0};
  mutable std::mutex mutex_;
  std::size_t requests_max_ = 200;
  std::size_t count_ = 0;
  std::map<std::uint64_t, Kept> kept_;  // the oldest first
};

}  // namespace ccrelay::worker
