#include "ledger/usage_groups.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

namespace ccrelay::ledger {
namespace {

std::uint64_t added(std::uint64_t left, std::uint64_t right) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(left, right, &sum)) return std::numeric_limits<std::uint64_t>::max();
  return sum;
}

void add_cost(std::optional<std::int64_t>& to, std::int64_t cost) {
  std::int64_t sum = 0;
  const bool over = __builtin_add_overflow(to.value_or(0), cost, &sum);
  to = over ? std::numeric_limits<std::int64_t>::max() : sum;
}

std::uint64_t all_tokens(const UsageFigures& figures) {
  std::uint64_t sum = 0;
  for (const auto& count : figures.tokens.counts) sum = added(sum, count.value_or(0));
  return sum;
}

bool is_time(UsageKey key) {
  return key <= UsageKey::month;
}

// ISO 8601: a week is of the year that has its Thursday.
std::string week_name(const LocalTime& local) {
  using namespace std::chrono;
  const sys_days day = std::chrono::year(local.year) /
                       std::chrono::month(static_cast<unsigned>(local.month)) /
                       std::chrono::day(static_cast<unsigned>(local.day));
  const sys_days thursday = day + days(4 - local.weekday);
  const std::chrono::year year = year_month_day(thursday).year();
  const auto week = (thursday - sys_days(year / January / 1)).count() / 7 + 1;
  char text[32];
  std::snprintf(text, sizeof text, "%04d-W%02d", static_cast<int>(year), static_cast<int>(week));
  return text;
}

}  // namespace

std::string UsageGroups::time_key(UsageKey key, WallTime time) const {
  const LocalTime local = zone_.local(time);
  if (key == UsageKey::week) return week_name(local);
  char text[64];
  if (key == UsageKey::month) {
    std::snprintf(text, sizeof text, "%04d-%02d", local.year, local.month);
  } else {
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", local.year, local.month, local.day);
  }
  if (key != UsageKey::hour) return text;
  // With the offset: in autumn an hour comes twice. Without seconds, which it has none of.
  const auto into = std::chrono::minutes(local.minute) + std::chrono::seconds(local.second);
  std::string name = rfc3339(zone_, std::chrono::floor<std::chrono::seconds>(time) - into);
  return name.erase(16, 3);
}

std::string UsageGroups::key_of(UsageKey key, const UsageLine& line) {
  switch (key) {
    case UsageKey::hour:
    case UsageKey::day:
    case UsageKey::week:
    case UsageKey::month:
      // A minute is within one hour, and with it one day, of every zone.
      if (by_.size() > 1 && is_time(by_[0]) && is_time(by_[1])) return time_key(key, line.began);
      if (name_.empty() || line.began < named_from_ || line.began >= named_to_) {
        named_from_ = std::chrono::floor<std::chrono::minutes>(line.began);
        named_to_ = named_from_ + std::chrono::minutes(1);
        name_ = time_key(key, line.began);
      }
      return name_;
    case UsageKey::model:
      return std::string(line.charge.sent);
    case UsageKey::asked:
      return std::string(line.asked);
    case UsageKey::provider:
      return std::string(line.charge.provider);
    case UsageKey::client:
      return std::string(line.client);
    case UsageKey::session:
      return std::string(line.session);
    case UsageKey::agent:
      return std::string(line.agent);
    case UsageKey::key:
      return std::string(line.key);
    case UsageKey::request:
      return std::string(line.request_id);
  }
  return {};
}

bool UsageGroups::count(Group& group, Counted which, std::int64_t request) {
  return std::exchange(group.last[which], request) != request;
}

void UsageGroups::add_charge(Group& group, const UsageLine& line) {
  UsageFigures& figures = group.figures;
  const bool told = line.charge.tokens.told();
  for (std::size_t i = 0; i < token_classes; ++i) {
    const auto& count = line.charge.tokens.counts[i];
    if (count) figures.tokens.counts[i] = added(figures.tokens.counts[i].value_or(0), *count);
  }
  figures.web_searches = added(figures.web_searches, line.charge.web_searches);
  if (line.cost) {
    add_cost(line.client_pays ? figures.client_paid_nano_usd : figures.cost_nano_usd, *line.cost);
  } else if (count(group, unknown, line.request)) {
    ++figures.unknown_cost;
  }
  if (line.partial && count(group, partial, line.request)) ++figures.partial;
  if (!told && count(group, untold, line.request)) ++figures.without_usage;
  if (line.assumed_ttl && count(group, assumed, line.request)) ++figures.assumed_ttl;
}

void UsageGroups::add_to(Group& group, const UsageLine& line) {
  UsageFigures& figures = group.figures;
  if (count(group, requests, line.request)) {
    ++figures.requests;
    if (line.error) ++figures.errors;
  }
  if (group.last_attempt_request != line.request || group.last_attempt != line.attempt) {
    ++figures.attempts;
    group.last_attempt_request = line.request;
    group.last_attempt = line.attempt;
  }
  if (line.has_charge && line.billed) add_charge(group, line);
}

void UsageGroups::add(const UsageLine& line) {
  Keys keys;
  for (std::size_t i = 0; i < by_.size() && i < seen_.size(); ++i) {
    keys.push_back(key_of(by_[i], line));
    seen_[i].try_emplace(keys.back(), seen_[i].size());
  }
  add_to(groups_[std::move(keys)], line);
  add_to(totals_, line);
  if (!line.has_charge || !line.billed || line.cost || !line.charge.tokens.told()) return;
  const std::string_view model =
      line.charge.answered.empty() ? line.charge.sent : line.charge.answered;
  auto& [count, last] = unpriced_[std::string(model)];
  if (std::exchange(last, line.request) != line.request) ++count;
}

bool UsageGroups::before(UsageOrder order, const UsageRow& left, const UsageRow& right) const {
  const UsageFigures &a = left.figures, &b = right.figures;
  switch (order) {
    case UsageOrder::cost:
      if (a.cost_nano_usd != b.cost_nano_usd) return a.cost_nano_usd > b.cost_nano_usd;
      if (a.client_paid_nano_usd != b.client_paid_nano_usd) {
        return a.client_paid_nano_usd > b.client_paid_nano_usd;
      }
      [[fallthrough]];
    case UsageOrder::tokens:
      if (all_tokens(a) != all_tokens(b)) return all_tokens(a) > all_tokens(b);
      break;
    case UsageOrder::requests:
      if (a.requests != b.requests) return a.requests > b.requests;
      break;
    case UsageOrder::time:
      for (std::size_t i = 0; i < left.keys.size(); ++i) {
        const std::size_t l = seen_[i].at(left.keys[i]), r = seen_[i].at(right.keys[i]);
        if (l != r) return l < r;
      }
      break;
    case UsageOrder::name:
      break;
  }
  return left.keys < right.keys;
}

void UsageGroups::put_into(UsageTable& table, UsageOrder order, std::size_t limit) const {
  for (const auto& [keys, group] : groups_) table.rows.push_back({keys, group.figures});
  std::sort(table.rows.begin(), table.rows.end(),
            [&](const UsageRow& l, const UsageRow& r) { return before(order, l, r); });
  table.totals = totals_.figures;
  for (const auto& [model, count] : unpriced_) table.unpriced.push_back({model, count.first});
  std::stable_sort(table.unpriced.begin(), table.unpriced.end(),
                   [](const auto& l, const auto& r) { return l.requests > r.requests; });
  if (limit == 0 || table.rows.size() <= limit) return;
  table.truncated = true;
  const auto surplus = static_cast<std::ptrdiff_t>(table.rows.size() - limit);
  // The newest stand last.
  if (order == UsageOrder::time) {
    table.rows.erase(table.rows.begin(), table.rows.begin() + surplus);
  } else {
    table.rows.erase(table.rows.end() - surplus, table.rows.end());
  }
}

}  // namespace ccrelay::ledger
