#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "otel/record.hpp"

namespace ccrelay::otel {

/// What loops hand to the exporter's thread, which empties it at least once an interval and when it
/// is half full. What comes when it is full is dropped. Thread-safe.
class Inbox {
 public:
  explicit Inbox(std::size_t limit) : limit_(limit) {}

  /// Whether the thread must be woken.
  bool add(Record record) {
    const std::lock_guard lock(mutex_);
    if (records_.size() >= limit_) {
      ++dropped_;
      return false;
    }
    records_.push_back(std::move(record));
    return records_.size() == (limit_ + 1) / 2;
  }

  std::vector<Record> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(records_, {});
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return records_.size();
  }
  std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::vector<Record> records_;
  std::uint64_t dropped_ = 0;
};

}  // namespace ccrelay::otel
