#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "base/utf8.hpp"
#include "manage/core.hpp"
#include "manage/filter.hpp"
#include "manage/paging.hpp"
#include "manage/usage_sums.hpp"

// Questions to the ledger.

namespace ccrelay::management {
namespace {

using ledger::StoredRequest;
using ledger::WalkAsk;
using ledger::WalkEnd;
using std::chrono::milliseconds;

constexpr std::chrono::seconds time_max{5};
constexpr std::chrono::hours minutes_over_max{24};

using manage::invalid;

Refusal took_too_long() {
  return {Code::deadline_exceeded,
          "the ledger was read for five seconds, and that was not all; ask for a shorter time"};
}

// In the order in which they are in a text: of the rest of a request.
std::string text_of(const UsageFilter& filter) {
  std::string out;
  for (const auto* list :
       {&filter.providers, &filter.models, &filter.clients, &filter.keys, &filter.sessions}) {
    out += manage::joined(*list);
  }
  return out;
}

std::string text_of(const std::optional<WallTime>& time) {
  return time ? fmt::format("{},", time->time_since_epoch().count()) : std::string("-,");
}

std::string text_of(const UsageQuery& query) {
  std::string out = "usage" + text_of(query.start_time) + text_of(query.end_time);
  for (const UsageDimension one : query.group_by) out += fmt::format("{},", static_cast<int>(one));
  return out +
         fmt::format("{};{};", static_cast<int>(query.interval), static_cast<int>(query.order_by)) +
         manage::joined({query.time_zone}) + text_of(query.filter);
}

std::optional<Refusal> check_times(const std::optional<WallTime>& start,
                                   const std::optional<WallTime>& end) {
  if (start && end && *end <= *start) return invalid("end_time: it is not after start_time");
  return {};
}

std::optional<Refusal> check(const UsageQuery& query, WallTime now) {
  if (auto refusal = check_times(query.start_time, query.end_time)) return refusal;
  std::set<UsageDimension> seen;
  for (const UsageDimension one : query.group_by) {
    if (one == UsageDimension::unspecified || one > UsageDimension::agent) {
      return invalid(fmt::format("group_by: {} is nothing to group by", static_cast<int>(one)));
    }
    if (!seen.insert(one).second) return invalid("group_by: the same stands there twice");
  }
  if (query.interval > UsageInterval::month) {
    return invalid(fmt::format("interval: {} is no interval", static_cast<int>(query.interval)));
  }
  if (query.order_by > UsageOrder::requests) {
    return invalid(fmt::format("order_by: {} is no order", static_cast<int>(query.order_by)));
  }
  const bool is_long =
      !query.start_time || query.end_time.value_or(now) - *query.start_time > minutes_over_max;
  if (query.interval == UsageInterval::minute && is_long) {
    return invalid("interval: minutes are told of a day at most; set start_time and end_time");
  }
  return manage::check_models(query.filter.models);
}

// `a:b:c` of a token.
std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> out;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc()) return {};
    out.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.starts_with(':')) text.remove_prefix(1);
  }
  return out;
}

std::function<bool()> until_late(const manage::Jobs::Stops& stops) {
  const auto end = std::chrono::steady_clock::now() + time_max;
  return [stops, end] { return stops() || std::chrono::steady_clock::now() > end; };
}

Refusal unreadable(const Error& error) {
  return {Code::unavailable, "the ledger can't be read: " + base::as_utf8(error.message)};
}

Reply<UsageReport> sum_up(const std::string& path, const UsageQuery& query,
                          const manage::PageBegin& begin, const TimeZone& zone, WallTime now,
                          const manage::Jobs::Stops& stops) {
  WalkAsk ask;
  ask.since = query.start_time;
  // What began in this millisecond may have ended.
  ask.until = query.end_time.value_or(now + milliseconds(1));
  ask.filter = query.filter;
  ask.stops = until_late(stops);
  if (!begin.is_first) {
    // As of the first page, whose pages these are.
    const auto numbers = numbers_in(begin.last);
    if (numbers.size() == 2) {
      ask.last_id = numbers[0];
      ask.until = WallTime(milliseconds(numbers[1]));
    }
  }
  manage::UsageSums sums(query.group_by, query.interval, zone);
  bool fits = true;
  const auto end = ledger::walk_usage(
      path, ask, [&](const StoredRequest& request) { return fits = sums.add(request); });
  if (!end) return unreadable(end.error());
  if (end->stopped) return took_too_long();
  if (!fits) {
    return Refusal{Code::resource_exhausted,
                   fmt::format("more than {} rows: group by less, or ask for a shorter time",
                               manage::UsageSums::rows_max)};
  }
  const std::string as_of =
      fmt::format("{}:{}", end->last_id,
                  std::chrono::ceil<milliseconds>(*ask.until).time_since_epoch().count());
  auto page = manage::page_from(sums.rows(query.order_by), begin.index, begin.size, text_of(query),
                                [&](const UsageRow&) -> const std::string& { return as_of; });
  UsageReport out;
  out.rows = std::move(page.items);
  out.next_page_token = std::move(page.next_page_token);
  out.total = sums.total();
  out.ledger_start_time = end->first;
  return out;
}

Reply<UsageRecords> list(const std::string& path, const UsageRecordsQuery& query,
                         const manage::PageBegin& begin, const std::string& of,
                         const manage::Jobs::Stops& stops) {
  WalkAsk ask;
  ask.since = query.start_time;
  ask.until = query.end_time;
  ask.filter = query.filter;
  ask.newest_first = true;
  ask.stops = until_late(stops);
  const auto numbers = numbers_in(begin.last);
  if (!begin.is_first && numbers.size() == 3) {
    ask.last_id = numbers[0];
    ask.behind = {numbers[1], numbers[2]};
  }
  UsageRecords out;
  bool more = false;
  std::pair<std::int64_t, std::int64_t> last;
  const auto end = ledger::walk_usage(path, ask, [&](const StoredRequest& request) {
    if (out.records.size() == begin.size) {
      more = true;
      return false;
    }
    out.records.push_back(manage::told(request));
    last = {std::chrono::floor<milliseconds>(request.began).time_since_epoch().count(), request.id};
    return true;
  });
  if (!end) return unreadable(end.error());
  if (end->stopped) return took_too_long();
  if (more) {
    out.next_page_token =
        manage::token_for(of, fmt::format("{}:{}:{}", end->last_id, last.first, last.second), 0);
  }
  return out;
}

Refusal no_ledger() {
  return {Code::failed_precondition,
          "this relay keeps no ledger (ledger.enabled): there is nothing to add up"};
}

}  // namespace

void Manager::query_usage(const UsageQuery& query,
                          std::function<void(const Reply<UsageReport>&)> done) const {
  worker::Shared& shared = core_.shared();
  if (!shared.ledger) return done(no_ledger());
  const WallTime now = core_.clock().wall();
  if (auto refusal = check(query, now)) return done(*std::move(refusal));
  const auto begin = manage::begin_of({query.page_size, query.page_token}, text_of(query));
  if (!begin) return done(begin.refusal());
  const std::string name = query.time_zone.empty()
                               ? ledger_options(shared.snapshot()->config.ledger, {}).timezone
                               : query.time_zone;
  core_.job(
      [&core = core_, query, begin = *begin, name, now](const auto& stops) -> Reply<UsageReport> {
        const auto zone = TimeZone::find(name);
        if (!zone) return invalid("time_zone: " + base::as_utf8(zone.error().message));
        const LedgerStatus ledger = core.shared().ledger->status();
        auto out = sum_up(ledger.path, query, begin, *zone, now, stops);
        if (out) out->pending = ledger.queue;
        return out;
      },
      std::move(done));
}

void Manager::list_usage_records(const UsageRecordsQuery& query,
                                 std::function<void(const Reply<UsageRecords>&)> done) const {
  worker::Shared& shared = core_.shared();
  if (!shared.ledger) return done(no_ledger());
  if (auto refusal = check_times(query.start_time, query.end_time)) {
    return done(*std::move(refusal));
  }
  if (auto refusal = manage::check_models(query.filter.models)) return done(*std::move(refusal));
  const std::string of =
      "records" + text_of(query.start_time) + text_of(query.end_time) + text_of(query.filter);
  const auto begin = manage::begin_of({query.page_size, query.page_token}, of);
  if (!begin) return done(begin.refusal());
  core_.job(
      [&core = core_, query, begin = *begin, of](const auto& stops) -> Reply<UsageRecords> {
        return list(core.shared().ledger->status().path, query, begin, of, stops);
      },
      std::move(done));
}

}  // namespace ccrelay::management
