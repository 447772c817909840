#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_types.hpp>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "worker/tally.hpp"

namespace ccrelay::manage {

/// What was used in a day or month: of all, and of each client.
struct PeriodTotals {
  management::Totals all;
  std::map<std::string, management::Totals> clients;
};

/// The day and the month that run, as the ledger has them: read once, as of a moment, and what was
/// counted in memory since is added, so that a look reads no file. Read anew when the day is over
/// or the ledger is another. What other relays write into the same ledger is in it as of the
/// reading. Thread-safe.
class PeriodSums {
 public:
  /// What has been read.
  struct Base {
    PeriodTotals day, month;
    worker::Tallied counted;  ///< in memory, at that moment
    WallTime day_end{};       ///< of the day that it is of
    std::uint64_t of = 0;     ///< the configuration of then
  };
  struct Now {
    PeriodTotals day, month;
  };

  /// As of now; nothing while it is not known.
  std::optional<Now> now(const worker::Tallied& counted, WallTime now, std::uint64_t of) const;
  /// Whether somebody has to read it: the caller, who says what came of it by read().
  bool wants(WallTime now, std::uint64_t of);
  /// Nothing: it can't be read; it is tried again in a while.
  void read(std::optional<Base> base, WallTime now);
  /// Waits a moment for one who reads.
  void wait() const;

 private:
  bool fits(WallTime now, std::uint64_t of) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::optional<Base> base_;
  bool is_being_read_ = false;
  std::optional<WallTime> failed_;
};

}  // namespace ccrelay::manage
