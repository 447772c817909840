#include "ledger/spend.hpp"

#include <cstdio>
#include <limits>
#include <utility>

namespace ccrelay::ledger {
namespace {

std::int64_t with_more(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left, right, &sum)) return std::numeric_limits<std::int64_t>::max();
  return sum;
}

}  // namespace

Periods periods_at(const TimeZone& zone, WallTime time) {
  const LocalTime local = zone.local(time);
  char text[64];
  Periods periods;
  std::snprintf(text, sizeof text, "d:%04d-%02d-%02d", local.year, local.month, local.day);
  periods.day = text;
  std::snprintf(text, sizeof text, "m:%04d-%02d", local.year, local.month);
  periods.month = text;
  periods.begin = zone.day_begin(time);
  periods.day_end = zone.day_begin(time, 1);
  LocalTime month;
  month.year = local.year;
  month.month = local.month + 1;
  periods.month_end = zone.instant(month);
  return periods;
}

const Periods& SpendBook::at(WallTime time) {
  if (time < current_.begin || time >= current_.day_end || current_.day.empty()) {
    current_ = periods_at(zone_, time);
    forget_past();
  }
  return current_;
}

// Clients are few, but days go on for ever. Two are kept: who ends at midnight is counted either
// side of it.
void SpendBook::forget_past() {
  const WallTime before = current_.begin - std::chrono::hours(1);
  const Periods last = periods_at(zone_, before);
  for (Sums* sums : {&own_, &others_, &kept_}) {
    std::erase_if(*sums, [&](const auto& each) {
      const std::string& period = each.first.second;
      return period != current_.day && period != current_.month && period != last.day &&
             period != last.month;
    });
  }
}

Periods SpendBook::periods(WallTime time) {
  const std::lock_guard lock(mutex_);
  return at(time);
}

Periods SpendBook::add(std::string_view client, WallTime ended, std::int64_t nano_usd) {
  const std::lock_guard lock(mutex_);
  const Periods periods = ended >= current_.begin ? at(ended) : periods_at(zone_, ended);
  if (nano_usd == 0) return periods;
  for (const std::string* period : {&periods.day, &periods.month}) {
    std::int64_t& sum = own_[{std::string(client), *period}];
    sum = with_more(sum, nano_usd);
  }
  return periods;
}

std::int64_t SpendBook::sum_of(const Sums& sums, std::string_view client,
                               const std::string& period) {
  const auto found = sums.find({std::string(client), period});
  return found == sums.end() ? 0 : found->second;
}

std::int64_t SpendBook::spent(std::string_view client, BudgetPeriod period, WallTime now) {
  const std::lock_guard lock(mutex_);
  const Periods& current = at(now);
  const std::string& name = period == BudgetPeriod::day ? current.day : current.month;
  return with_more(sum_of(own_, client, name),
                   with_more(sum_of(others_, client, name), sum_of(kept_, client, name)));
}

void SpendBook::set_others(const std::vector<Line>& lines) {
  const std::lock_guard lock(mutex_);
  others_.clear();
  for (const Line& line : lines) others_[{line.client, line.period}] = line.nano_usd;
}

void SpendBook::keep_others() {
  const std::lock_guard lock(mutex_);
  for (const auto& [where, sum] : others_) kept_[where] = with_more(kept_[where], sum);
  others_.clear();
}

void SpendBook::begin_anew(TimeZone zone) {
  const std::lock_guard lock(mutex_);
  zone_ = std::move(zone);
  current_ = Periods();
  for (Sums* sums : {&own_, &others_, &kept_}) sums->clear();
}

}  // namespace ccrelay::ledger
