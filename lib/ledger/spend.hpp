#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/ledger.hpp>
#include <ccrelay/time_zone.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::ledger {

/// The periods of a moment by their names in the file, and when they end.
struct Periods {
  std::string day;    ///< `d:2026-11-29`
  std::string month;  ///< `m:2026-11`
  WallTime begin{}, day_end{}, month_end{};
};
Periods periods_at(const TimeZone& zone, WallTime time);

/// What clients have spent in the current periods: this relay's own, counted when a request ends,
/// and that of all others as the file has it. Thread-safe.
class SpendBook {
 public:
  /// A line of the file, summed over relays.
  struct Line {
    std::string client, period;
    std::int64_t nano_usd = 0;
  };

  explicit SpendBook(TimeZone zone) : zone_(std::move(zone)) {}

  Periods periods(WallTime time);
  /// Returns the periods in which it counts.
  Periods add(std::string_view client, WallTime ended, std::int64_t nano_usd);
  std::int64_t spent(std::string_view client, BudgetPeriod period, WallTime now);
  /// What others have spent, in place of what was known of them.
  void set_others(const std::vector<Line>& lines);
  /// The file is gone with what stood there: what was known of others is kept, and what they write
  /// into the next one comes on top.
  void keep_others();
  /// Another file, or days of another zone: nothing is known of it yet.
  void begin_anew(TimeZone zone);

 private:
  using Sums = std::map<std::pair<std::string, std::string>, std::int64_t>;  // client, period
  const Periods& at(WallTime time);
  static std::int64_t sum_of(const Sums& sums, std::string_view client, const std::string& period);
  void forget_past();

  std::mutex mutex_;
  TimeZone zone_;
  Periods current_;
  Sums own_, others_, kept_;
};

}  // namespace ccrelay::ledger
