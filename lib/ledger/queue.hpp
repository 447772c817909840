#pragma once

#include <ccrelay/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "ledger/batch.hpp"

namespace ccrelay::ledger {

/// What waits for the file, oldest first, up to a limit: beyond it the oldest go. Filled by loops,
/// emptied by the ledger's thread. Thread-safe.
class Queue {
 public:
  explicit Queue(std::size_t limit) : limit_(limit) {}

  void add(Entry&& entry, TimePoint now);
  void limit(std::size_t limit);
  /// Of each that waits, oldest first. Not while some are taken.
  void for_each(const std::function<void(Entry&)>& call);
  /// Whether something has come since this was last asked into what was empty.
  bool wants_waking();

  /// The oldest; they still count as waiting until done() or put_back().
  std::deque<Entry> take(std::size_t most);
  void done();
  void put_back(std::deque<Entry> entries);

  /// Since when the oldest waits.
  std::optional<TimePoint> since() const;
  std::size_t size() const;
  std::uint64_t dropped() const;

 private:
  void drop_surplus();

  mutable std::mutex mutex_;
  std::size_t limit_;
  std::deque<Entry> entries_;
  std::size_t taken_ = 0;
  TimePoint since_{};
  std::uint64_t dropped_ = 0;
  bool wake_ = false;
};

}  // namespace ccrelay::ledger
