#include "worker/spending.hpp"

#include <algorithm>
#include <chrono>

namespace ccrelay::worker {

namespace {

Duration until(WallTime end, WallTime now) {
  return std::max<Duration>(std::chrono::duration_cast<Duration>(end - now), Duration::zero());
}

}  // namespace

void Spending::begin_periods(WallTime now) {
  using namespace std::chrono;
  if (now < day_end_) return;
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const sys_days next_month = (date.year() / date.month() / 1) + months(1);
  const bool is_new_month = now >= month_end_;
  for (auto& [client, sum] : sums_) {
    sum.day = 0;
    if (is_new_month) sum.month = 0;
  }
  day_end_ = day + days(1);
  month_end_ = next_month;
}

state::ClientSpent Spending::of(std::string_view client, WallTime now) {
  if (ledger_) {
    return {ledger_->spent(client, BudgetPeriod::day), ledger_->spent(client, BudgetPeriod::month),
            until(ledger_->period_end(BudgetPeriod::day), now),
            until(ledger_->period_end(BudgetPeriod::month), now)};
  }
  const std::lock_guard lock(mutex_);
  begin_periods(now);
  const auto found = sums_.find(client);
  const Sum sum = found == sums_.end() ? Sum() : found->second;
  return {sum.day, sum.month, until(day_end_, now), until(month_end_, now)};
}

void Spending::add(std::string_view client, std::int64_t nano_usd, WallTime now) {
  if (ledger_ || nano_usd <= 0) return;
  const std::lock_guard lock(mutex_);
  begin_periods(now);
  auto found = sums_.find(client);
  if (found == sums_.end()) found = sums_.emplace(std::string(client), Sum()).first;
  for (std::int64_t* sum : {&found->second.day, &found->second.month}) {
    if (__builtin_add_overflow(*sum, nano_usd, sum)) *sum = INT64_MAX;
  }
}

}  // namespace ccrelay::worker
