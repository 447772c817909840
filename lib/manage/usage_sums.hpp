#pragma once

#include <ccrelay/manage_usage.hpp>
#include <ccrelay/time_zone.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/walk_usage.hpp"

namespace ccrelay::manage {

/// Adds requests of a ledger up, by what is asked. Pure. A request counts where it was answered;
/// what an attempt used, where it was made.
class UsageSums {
 public:
  /// More rows than these are not held.
  static constexpr std::size_t rows_max = 200'000;

  UsageSums(std::vector<management::UsageDimension> group_by, management::UsageInterval interval,
            TimeZone zone);

  /// In the order of time. False when there are too many rows.
  bool add(const ledger::StoredRequest& request);
  const management::Totals& total() const { return total_; }
  /// All rows in that order.
  std::vector<management::UsageRow> rows(management::UsageOrder order) const;

 private:
  using Group = std::pair<WallTime, std::vector<std::string>>;
  management::Totals& at(const ledger::StoredRequest& request,
                         const ledger::StoredAttempt* attempt);
  WallTime begin_of(WallTime time);

  const std::vector<management::UsageDimension> group_by_;
  const management::UsageInterval interval_;
  const TimeZone zone_;
  std::map<Group, management::Totals> groups_;
  management::Totals total_;
  // Of the minute that was looked at last: it lies within one interval of every kind.
  WallTime minute_{};
  WallTime begin_{};
  bool has_minute_ = false;
};

/// A record as it is told.
management::Request told(const ledger::StoredRequest& request);

}  // namespace ccrelay::manage
