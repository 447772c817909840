#include "rpc/ask.hpp"

#include <ccrelay/management/v1/management.pb.h>

#include <chrono>
#include <utility>
#include <vector>

#include "rpc/enums.hpp"

namespace ccrelay::rpc {
namespace {

std::vector<std::string> list_of(const google::protobuf::RepeatedPtrField<std::string>& values) {
  return {values.begin(), values.end()};
}

// Nanoseconds below what the clock counts are cut off. google.protobuf.Timestamp goes from the year
// 1 to 9999; what the clock can't hold is as far as it reaches, since nothing is beyond.
std::optional<WallTime> time_of(const google::protobuf::Timestamp& time) {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  if (time.nanos() < 0 || time.nanos() > 999'999'999) return {};
  constexpr auto longest = duration_cast<seconds>(WallTime::duration::max()) - seconds(1);
  const seconds whole = std::clamp(seconds(time.seconds()), -longest, longest);
  return WallTime(duration_cast<WallTime::duration>(whole) +
                  duration_cast<WallTime::duration>(nanoseconds(time.nanos())));
}

// Fills the two times that most questions of the ledger have.
template <class Message, class Query>
::grpc::Status take_times(const Message& message, Query& query) {
  if (message.has_start_time()) {
    query.start_time = time_of(message.start_time());
    if (!query.start_time) return invalid("start_time: its nanos are not from 0 to 999999999");
  }
  if (message.has_end_time()) {
    query.end_time = time_of(message.end_time());
    if (!query.end_time) return invalid("end_time: its nanos are not from 0 to 999999999");
  }
  return ::grpc::Status::OK;
}

management::UsageFilter filter_of(const messages::UsageFilter& filter) {
  management::UsageFilter out;
  out.providers = list_of(filter.providers());
  out.models = list_of(filter.models());
  out.clients = list_of(filter.clients());
  out.keys = list_of(filter.keys());
  out.sessions = list_of(filter.sessions());
  return out;
}

}  // namespace

::grpc::Status no_value(const std::string& field, int number) {
  return invalid(field + ": " + std::to_string(number) + " is the number of no value");
}

Asked<management::RequestFilter> asked(const messages::RequestFilter& filter) {
  management::RequestFilter out;
  out.providers = list_of(filter.providers());
  out.keys = list_of(filter.keys());
  out.clients = list_of(filter.clients());
  out.models = list_of(filter.models());
  out.sessions = list_of(filter.sessions());
  for (const int number : filter.states()) {
    const auto state = enumerator_of<management::RequestState>(number);
    if (!state) return no_value("filter.states", number);
    out.states.push_back(*state);
  }
  out.troubled_only = filter.troubled_only();
  out.min_duration_ms = filter.min_duration_ms();
  return out;
}

Asked<management::RequestWatch> asked(const messages::WatchRequestsRequest& watch) {
  auto filter = asked(watch.filter());
  if (const auto* wrong = std::get_if<::grpc::Status>(&filter)) return *wrong;
  management::RequestWatch out;
  out.filter = std::get<0>(std::move(filter));
  out.include_existing = watch.include_existing();
  out.progress_interval_ms = watch.progress_interval_ms();
  out.queue_events = watch.queue_events();
  for (const int number : watch.kinds()) {
    const auto kind = enumerator_of<management::RequestEventKind>(number);
    if (!kind) return no_value("kinds", number);
    out.kinds.push_back(*kind);
  }
  return out;
}

Asked<management::LogWatch> asked(const messages::WatchLogsRequest& watch) {
  management::LogWatch out;
  const auto level = enumerator_of<management::LogLevel>(watch.min_level());
  if (!level) return no_value("min_level", watch.min_level());
  out.min_level = *level;
  out.tail = watch.tail();
  out.request = watch.request();
  out.contains = watch.contains();
  out.queue_lines = watch.queue_lines();
  out.no_follow = watch.no_follow();
  return out;
}

Asked<management::UsageQuery> asked(const messages::QueryUsageRequest& query) {
  management::UsageQuery out;
  if (const auto wrong = take_times(query, out); !wrong.ok()) return wrong;
  for (const int number : query.group_by()) {
    const auto dimension = enumerator_of<management::UsageDimension>(number);
    if (!dimension) return no_value("group_by", number);
    out.group_by.push_back(*dimension);
  }
  const auto interval = enumerator_of<management::UsageInterval>(query.interval());
  if (!interval) return no_value("interval", query.interval());
  out.interval = *interval;
  out.time_zone = query.time_zone();
  out.filter = filter_of(query.filter());
  const auto order = enumerator_of<management::UsageOrder>(query.order_by());
  if (!order) return no_value("order_by", query.order_by());
  out.order_by = *order;
  out.page_size = query.page_size();
  out.page_token = query.page_token();
  return out;
}

Asked<management::UsageRecordsQuery> asked(const messages::ListUsageRecordsRequest& query) {
  management::UsageRecordsQuery out;
  if (const auto wrong = take_times(query, out); !wrong.ok()) return wrong;
  out.filter = filter_of(query.filter());
  out.page_size = query.page_size();
  out.page_token = query.page_token();
  return out;
}

}  // namespace ccrelay::rpc
