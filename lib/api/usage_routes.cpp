#include <utility>

#include "api/csv.hpp"
#include "api/told.hpp"
#include "base/ascii.hpp"

namespace ccrelay::api {
namespace {

management::UsageFilter usage_filter_of(Input& input) {
  management::UsageFilter filter;
  input.take("filter.providers", filter.providers);
  input.take("filter.models", filter.models);
  input.take("filter.clients", filter.clients);
  input.take("filter.keys", filter.keys);
  input.take("filter.sessions", filter.sessions);
  return filter;
}

// Whether the caller would rather have CSV, however much rather.
bool wants_csv(std::string_view accept) {
  while (!accept.empty()) {
    const std::string_view one = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(one.size() + 1, accept.size()));
    if (base::iequals(base::trim(one.substr(0, one.find(';'))), "text/csv")) return true;
  }
  return false;
}

Answer as_csv(std::string text) {
  Answer answer;
  answer.content_type = "text/csv; charset=utf-8";
  answer.body = std::move(text);
  return answer;
}

void query_usage(Asked& asked, const Done& done) {
  management::UsageQuery query;
  asked.input.take("start_time", query.start_time);
  asked.input.take("end_time", query.end_time);
  asked.input.take("group_by", query.group_by);
  asked.input.take("interval", query.interval);
  asked.input.take("time_zone", query.time_zone);
  query.filter = usage_filter_of(asked.input);
  asked.input.take("order_by", query.order_by);
  asked.input.take("page_size", query.page_size);
  asked.input.take("page_token", query.page_token);
  if (const auto mistake = asked.input.mistake()) return done(error_answer(*mistake));
  const bool csv = wants_csv(asked.call.accept);
  asked.manager.query_usage(query, [done, csv, by = query.group_by](
                                       const management::Reply<management::UsageReport>& usage) {
    if (!usage) return done(error_answer(usage.refusal()));
    done(csv ? as_csv(csv_of(*usage, by)) : told(*usage));
  });
}

void list_usage_records(Asked& asked, const Done& done) {
  management::UsageRecordsQuery query;
  asked.input.take("start_time", query.start_time);
  asked.input.take("end_time", query.end_time);
  query.filter = usage_filter_of(asked.input);
  asked.input.take("page_size", query.page_size);
  asked.input.take("page_token", query.page_token);
  if (const auto mistake = asked.input.mistake()) return done(error_answer(*mistake));
  const bool csv = wants_csv(asked.call.accept);
  asked.manager.list_usage_records(
      query, [done, csv](const management::Reply<management::UsageRecords>& records) {
        if (!records) return done(error_answer(records.refusal()));
        done(csv ? as_csv(csv_of(*records)) : told(*records));
      });
}

constexpr Route usage_table[] = {
    {.method = "GET", .path = "/usage:query", .later = query_usage},
    {.method = "GET", .path = "/usage/records", .later = list_usage_records},
};

}  // namespace

std::span<const Route> usage_routes() {
  return usage_table;
}

}  // namespace ccrelay::api
