#pragma once

#include <ccrelay/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/row.hpp"

namespace ccrelay::ledger {

/// What waits for the file, oldest first, up to a limit: beyond it the oldest go. Filled by loops,
/// emptied by the ledger's thread. Thread-safe.
///
/// Requests lie packed behind each other in pages: a loop that hands one over asks malloc for
/// nothing, and the ledger's thread frees nothing piece by piece that a loop's malloc would have to
/// find again.
class Queue {
 public:
  struct Page {
    std::string bytes;      // has room from the beginning, so that nothing moves with it
    std::size_t begin = 0;  // before that stood what was dropped
    std::size_t count = 0;
  };
  using Pages = std::deque<Page>;

  explicit Queue(std::size_t limit) : limit_(limit) {}

  void add(const RequestSummary& request, const Spending& spending, TimePoint now);
  void limit(std::size_t limit);
  /// Of each that waits, oldest first: what is said then is what it takes from budgets. Not while
  /// some are taken.
  void recount(const std::function<Spending(const Entry&)>& say);
  /// Whether something has come since this was last asked into what was empty.
  bool wants_waking();

  /// The oldest, about so many; they still count as waiting until done() or put_back().
  Pages take(std::size_t most);
  void done(Pages pages);
  void put_back(Pages pages);

  /// Since when the oldest waits.
  std::optional<TimePoint> since() const;
  std::size_t size() const;
  std::uint64_t dropped() const;

 private:
  void drop_surplus();
  Page next_page();

  mutable std::mutex mutex_;
  std::size_t limit_;
  Pages pages_, spare_;
  std::size_t waiting_ = 0;  // in pages_
  std::size_t taken_ = 0;
  TimePoint since_{};
  std::uint64_t dropped_ = 0;
  bool wake_ = false;
};

/// What stands in the pages, oldest first. Its texts point into them.
std::vector<Entry> entries_of(const Queue::Pages& pages);

}  // namespace ccrelay::ledger
