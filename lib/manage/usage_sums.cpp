#include "manage/usage_sums.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/utf8.hpp"
#include "worker/told_request.hpp"

namespace ccrelay::manage {
namespace {

using ledger::StoredAttempt;
using ledger::StoredRequest;
using management::Totals;
using management::UsageDimension;
using management::UsageInterval;
using management::UsageOrder;
using management::UsageRow;

// As of one that has just ended.
bool has_failed(const StoredRequest& request) {
  if (request.ending == Ending::broken) return true;
  if (request.ending == Ending::by_operator || request.status == 499) return false;
  if (request.status >= 500) return true;
  if (request.status < 400 || request.attempts.empty()) return false;
  const auto& outcome = request.attempts.back().outcome;
  return outcome && worker::has_failed(*outcome);
}

void add_request(Totals& totals, const StoredRequest& request) {
  ++totals.requests;
  totals.failed += has_failed(request);
  totals.client_gone += request.ending == Ending::client_gone;
  totals.retried += request.attempts.size() > 1;
  totals.cost.unpriced_requests += request.unpriced;
  totals.partial += request.partial;
  totals.without_usage += request.without_usage;
}

void add_attempt(Totals& totals, const StoredAttempt& attempt) {
  Totals one;
  one.attempts = 1;
  one.usage = attempt.usage;
  one.cost = attempt.cost;
  worker::add(totals, one);
}

std::uint64_t all_tokens(const Totals& totals) {
  return totals.usage.input_tokens + totals.usage.output_tokens + totals.usage.cache_write_tokens +
         totals.usage.cache_read_tokens;
}

std::string value_of(UsageDimension dimension, const StoredRequest& request,
                     const StoredAttempt* attempt) {
  switch (dimension) {
    case UsageDimension::provider:
      return attempt ? attempt->provider : "";
    case UsageDimension::model:
      return request.model;
    case UsageDimension::model_sent:
      return attempt ? attempt->model : "";
    case UsageDimension::client:
      return request.client;
    case UsageDimension::key:
      return attempt ? attempt->key : "";
    case UsageDimension::session:
      return request.session;
    case UsageDimension::agent:
      return request.agent;
    case UsageDimension::unspecified:
      break;
  }
  return {};
}

}  // namespace

UsageSums::UsageSums(std::vector<UsageDimension> group_by, UsageInterval interval, TimeZone zone)
    : group_by_(std::move(group_by)), interval_(interval), zone_(std::move(zone)) {}

WallTime UsageSums::begin_of(WallTime time) {
  const WallTime minute = std::chrono::floor<std::chrono::minutes>(time);
  if (has_minute_ && minute == minute_) return begin_;
  has_minute_ = true;
  minute_ = minute;
  const LocalTime local = zone_.local(time);
  switch (interval_) {
    case UsageInterval::unspecified:
      return begin_ = WallTime();
    case UsageInterval::minute:
      return begin_ = minute;
    case UsageInterval::hour:
      return begin_ = minute - std::chrono::minutes(local.minute);
    case UsageInterval::day:
      return begin_ = zone_.day_begin(time);
    case UsageInterval::week:
      return begin_ = zone_.day_begin(time, 1 - local.weekday);
    case UsageInterval::month:
      return begin_ = zone_.day_begin(time, 1 - local.day);
  }
  return begin_ = WallTime();
}

Totals& UsageSums::at(const StoredRequest& request, const StoredAttempt* attempt) {
  Group group{begin_of(request.began), {}};
  for (const UsageDimension one : group_by_) {
    group.second.push_back(base::as_utf8(value_of(one, request, attempt)));
  }
  return groups_[std::move(group)];
}

bool UsageSums::add(const StoredRequest& request) {
  const StoredAttempt* last = request.attempts.empty() ? nullptr : &request.attempts.back();
  add_request(at(request, last), request);
  add_request(total_, request);
  for (const StoredAttempt& attempt : request.attempts) {
    add_attempt(at(request, &attempt), attempt);
    add_attempt(total_, attempt);
  }
  return groups_.size() <= rows_max;
}

std::vector<UsageRow> UsageSums::rows(UsageOrder order) const {
  std::vector<UsageRow> out;
  for (const auto& [group, totals] : groups_) {
    UsageRow& row = out.emplace_back();
    if (interval_ != UsageInterval::unspecified) row.start_time = group.first;
    row.group = group.second;
    row.totals = totals;
  }
  const auto cost = [](const Totals& totals) {
    return std::make_tuple(totals.cost.nano_usd, totals.cost.client_paid_nano_usd);
  };
  // Equal ones stay by time and name.
  std::stable_sort(out.begin(), out.end(), [&](const UsageRow& a, const UsageRow& b) {
    switch (order) {
      case UsageOrder::cost:
        return cost(a.totals) > cost(b.totals);
      case UsageOrder::tokens:
        return all_tokens(a.totals) > all_tokens(b.totals);
      case UsageOrder::requests:
        return a.totals.requests > b.totals.requests;
      case UsageOrder::unspecified:
        break;
    }
    if (a.start_time != b.start_time) return a.start_time < b.start_time;
    return cost(a.totals) > cost(b.totals);
  });
  return out;
}

management::Request told(const StoredRequest& request) {
  management::Request out;
  out.id = fmt::format("ledger-{}", request.id);
  out.request_id = base::as_utf8(request.request_id);
  out.session = base::as_utf8(request.session);
  out.client = base::as_utf8(request.client);
  out.model = base::as_utf8(request.model);
  out.stream = request.stream;
  out.state = management::RequestState::ended;
  out.start_time = request.began;
  out.duration_us = request.total_us;
  if (request.first_byte_us > 0) out.first_byte_us = request.first_byte_us;
  out.request_bytes = request.bytes_in;
  out.response_bytes = request.bytes_out;
  out.status = request.status;
  out.ending = request.ending;
  out.pings = request.pings;
  out.attempt_count = static_cast<std::int32_t>(request.attempts.size());
  Totals sum;
  for (const StoredAttempt& attempt : request.attempts) add_attempt(sum, attempt);
  out.usage = sum.usage;
  out.cost = sum.cost;
  out.cost.unpriced_requests = request.unpriced;
  if (request.attempts.empty()) return out;
  out.provider = base::as_utf8(request.attempts.back().provider);
  out.key = base::as_utf8(request.attempts.back().key);
  out.model_sent = base::as_utf8(request.attempts.back().model);
  return out;
}

}  // namespace ccrelay::manage
