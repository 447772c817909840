#pragma once

#include <ccrelay/ledger.hpp>

#include <string_view>

namespace ccrelay::testing {

/// A ledger that says what it is told to say, and writes nothing.
class StillLedger final : public Ledger {
 public:
  bool flush() override { return true; }
  std::int64_t spent(std::string_view, BudgetPeriod period) const override {
    return period == BudgetPeriod::day ? day : month;
  }
  WallTime period_end(BudgetPeriod) const override {
    return WallTime(std::chrono::hours(24 * 365 * 100));
  }
  bool may_serve() const override { return serves; }
  Result<void> reconfigure(LedgerOptions) override { return {}; }
  LedgerStatus status() const override {
    LedgerStatus status;
    status.up = true;
    status.queue = 3;
    status.size_bytes = 4096;
    status.last_commit = WallTime(std::chrono::milliseconds(1'500));
    status.written = 7;
    status.dropped = 2;
    status.commits[1] = 4;
    status.commits[11] = 1;
    status.commit_time = std::chrono::milliseconds(12'250);
    return status;
  }

  bool serves = true;
  std::int64_t day = 0;    // nano-USD
  std::int64_t month = 0;  // nano-USD
};

}  // namespace ccrelay::testing
