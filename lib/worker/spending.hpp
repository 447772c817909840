#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/ledger.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "state/client_limits.hpp"

namespace ccrelay::worker {

/// What clients have spent in the day and the month that run. The ledger knows it where there is
/// one, and it alone; without one it is counted here, by days of UTC, and forgotten with the
/// process. Shared by all workers. Thread-safe.
class Spending {
 public:
  /// `ledger` may be null.
  void use(const Ledger* ledger) { ledger_ = ledger; }

  state::ClientSpent of(std::string_view client, WallTime now);
  /// A request of this client has ended, and the ledger has been told of it.
  void add(std::string_view client, std::int64_t nano_usd, WallTime now);

 private:
  struct Sum {
    std::int64_t day = 0;
    std::int64_t month = 0;
  };
  void begin_periods(WallTime now);

  const Ledger* ledger_ = nullptr;
  std::mutex mutex_;
  std::map<std::string, Sum, std::less<>> sums_;
  WallTime day_end_{};
  WallTime month_end_{};
};

}  // namespace ccrelay::worker
