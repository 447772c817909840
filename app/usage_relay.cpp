#include "usage_relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "top/json_object.hpp"
#include "top/keys.hpp"
#include "top/read.hpp"
#include "usage_print.hpp"

namespace ccrelay::app {
namespace {

bool is_span(UsageKey key) {
  return key <= UsageKey::month;
}

// What a key is called there.
std::string_view name_there(UsageKey key) {
  switch (key) {
    case UsageKey::hour:
      return "USAGE_INTERVAL_HOUR";
    case UsageKey::day:
      return "USAGE_INTERVAL_DAY";
    case UsageKey::week:
      return "USAGE_INTERVAL_WEEK";
    case UsageKey::month:
      return "USAGE_INTERVAL_MONTH";
    case UsageKey::model:
      return "USAGE_DIMENSION_MODEL_SENT";
    case UsageKey::asked:
      return "USAGE_DIMENSION_MODEL";
    case UsageKey::provider:
      return "USAGE_DIMENSION_PROVIDER";
    case UsageKey::client:
      return "USAGE_DIMENSION_CLIENT";
    case UsageKey::session:
      return "USAGE_DIMENSION_SESSION";
    case UsageKey::agent:
      return "USAGE_DIMENSION_AGENT";
    case UsageKey::key:
      return "USAGE_DIMENSION_KEY";
    case UsageKey::request:
      break;
  }
  return {};
}

// Empty: it can be told.
std::string untold_by_it(const UsageQuery& query) {
  if (!query.model.empty()) return "--model";
  if (query.reprice) return "--reprice";
  const auto spans = std::count_if(query.by.begin(), query.by.end(), is_span);
  const bool single =
      std::find(query.by.begin(), query.by.end(), UsageKey::request) != query.by.end();
  if (spans > 1 || single) {
    std::string by;
    for (const UsageKey key : query.by) by += (by.empty() ? "" : ",") + key_name(key);
    return "--by " + by;
  }
  return {};
}

std::string path_of(const UsageQuery& query) {
  const auto time = [&](const char* name, WallTime moment) {
    return fmt::format("&{}={}", name, top::path_part(rfc3339(query.zone, moment)));
  };
  std::string path = "/usage:query?page_size=1000&time_zone=" + top::path_part(query.zone.name());
  for (const UsageKey key : query.by) {
    path += fmt::format("&{}={}", is_span(key) ? "interval" : "group_by", name_there(key));
  }
  path += time("start_time", query.since);
  if (query.until != WallTime::max()) path += time("end_time", query.until);
  const auto filter = [&](const char* name, const std::string& value) {
    if (!value.empty()) path += fmt::format("&filter.{}={}", name, top::path_part(value));
  };
  filter("clients", query.client);
  filter("providers", query.provider);
  filter("sessions", query.session);
  if (query.order == UsageOrder::cost) path += "&order_by=USAGE_ORDER_COST";
  if (query.order == UsageOrder::tokens) path += "&order_by=USAGE_ORDER_TOKENS";
  if (query.order == UsageOrder::requests) path += "&order_by=USAGE_ORDER_REQUESTS";
  return path;
}

UsageFigures figures_of(const top::JsonObject& totals) {
  const auto count = [](const top::JsonObject& from, const char* name) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(from.number(name).value_or(0), 0));
  };
  UsageFigures out;
  out.requests = count(totals, "requests");
  out.errors = count(totals, "failed");
  out.attempts = count(totals, "attempts");
  out.partial = count(totals, "partial");
  out.without_usage = count(totals, "without_usage");
  const top::JsonObject usage = totals.object("usage");
  const std::uint64_t hour = count(usage, "cache_write_1h_tokens");
  const std::uint64_t written = count(usage, "cache_write_tokens");
  out.web_searches = count(usage, "web_searches");
  if (out.without_usage < out.requests) {
    out.tokens[TokenClass::input] = count(usage, "input_tokens");
    out.tokens[TokenClass::output] = count(usage, "output_tokens");
    out.tokens[TokenClass::cache_write_5m] = written - std::min(hour, written);
    out.tokens[TokenClass::cache_write_1h] = hour;
    out.tokens[TokenClass::cache_read] = count(usage, "cache_read_tokens");
  }
  const top::JsonObject cost = totals.object("cost");
  const std::int64_t paid = cost.number("nano_usd").value_or(0);
  const std::int64_t by_clients = cost.number("client_paid_nano_usd").value_or(0);
  out.unknown_cost = count(cost, "unpriced_requests");
  if (paid != 0 || (out.unknown_cost < out.requests && by_clients == 0)) out.cost_nano_usd = paid;
  if (by_clients != 0) out.client_paid_nano_usd = by_clients;
  return out;
}

// ISO 8601: a week is of the year that has its Thursday, and begins three days before.
std::string week_name(const TimeZone& zone, WallTime monday) {
  using std::chrono::days;
  const LocalTime local = zone.local(zone.day_begin(monday, 3));
  const std::chrono::sys_days thursday = std::chrono::year(local.year) /
                                         std::chrono::month(static_cast<unsigned>(local.month)) /
                                         std::chrono::day(static_cast<unsigned>(local.day));
  const std::chrono::sys_days first = std::chrono::year(local.year) / std::chrono::January / 1;
  return fmt::format("{:04}-W{:02}", local.year, (thursday - first) / days(7) + 1);
}

// As rows of the file have it.
std::string span_name(UsageKey key, const TimeZone& zone, WallTime begin) {
  const LocalTime local = zone.local(begin);
  if (key == UsageKey::week) return week_name(zone, begin);
  if (key == UsageKey::month) return fmt::format("{:04}-{:02}", local.year, local.month);
  if (key == UsageKey::hour) return rfc3339(zone, begin).erase(16, 3);
  return fmt::format("{:04}-{:02}-{:02}", local.year, local.month, local.day);
}

UsageRow row_of(const top::JsonObject& told, const UsageQuery& query) {
  UsageRow row;
  const std::vector<std::string> group = told.texts("group");
  const WallTime begin{std::chrono::milliseconds(told.time("start_time").value_or(0))};
  std::size_t next = 0;
  for (const UsageKey key : query.by) {
    if (is_span(key)) {
      row.keys.push_back(span_name(key, query.zone, begin));
    } else {
      row.keys.push_back(next < group.size() ? group[next] : std::string());
      ++next;
    }
  }
  row.figures = figures_of(told.object("totals"));
  return row;
}

Error no_answer(const ManagedRelay& relay, const top::Reply& reply) {
  const std::string why = reply.status == 0 ? reply.failure : top::read_error(reply.body);
  return {ErrorCode::network, fmt::format("{}: {}", relay.name(), why)};
}

void cut(UsageTable& table, const UsageQuery& query) {
  if (query.order == UsageOrder::name) {
    std::stable_sort(table.rows.begin(), table.rows.end(),
                     [](const UsageRow& a, const UsageRow& b) { return a.keys < b.keys; });
  }
  if (query.limit == 0 || table.rows.size() <= query.limit) return;
  table.truncated = true;
  const auto more = static_cast<std::ptrdiff_t>(table.rows.size() - query.limit);
  const auto newest_stay = query.order == UsageOrder::time;
  table.rows.erase(newest_stay ? table.rows.begin() : table.rows.end() - more,
                   newest_stay ? table.rows.begin() + more : table.rows.end());
}

}  // namespace

Result<UsageTable> usage_of_relay(ManagedRelay& relay, const UsageQuery& query, WallTime now) {
  if (const std::string what = untold_by_it(query); !what.empty()) {
    return Error{ErrorCode::config,
                 fmt::format("the running relay adds its ledger up, but not for {}", what)};
  }
  UsageTable table;
  table.until = query.until == WallTime::max() ? now : query.until;
  const std::string path = path_of(query);
  std::string token;
  do {
    const top::Reply reply =
        relay.get(token.empty() ? path : path + "&page_token=" + top::path_part(token));
    simdjson::dom::parser parser;
    const top::JsonObject told = top::parse(parser, reply.body);
    if (!reply.ok() || !told.is_there()) return no_answer(relay, reply);
    for (const top::JsonObject& each : told.list("rows")) table.rows.push_back(row_of(each, query));
    table.totals = figures_of(told.object("total"));
    token = told.text("next_page_token");
  } while (!token.empty());
  cut(table, query);
  return table;
}

}  // namespace ccrelay::app
