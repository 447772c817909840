#include "rpc/ask.hpp"

#include <ccrelay/management/v1/management.pb.h>

#include <string>

#include "catch.hpp"

using namespace ccrelay;
namespace messages = management::v1;

namespace {

template <class Value>
std::string refused(const rpc::Asked<Value>& asked) {
  const auto* status = std::get_if<::grpc::Status>(&asked);
  if (!status) return "taken";
  CHECK(status->error_code() == ::grpc::StatusCode::INVALID_ARGUMENT);
  return status->error_message();
}

}  // namespace

TEST_CASE("a filter of requests arrives whole", "[rpc]") {
  messages::WatchRequestsRequest message;
  auto& filter = *message.mutable_filter();
  filter.add_providers("a");
  filter.add_keys("k");
  filter.add_clients("c");
  filter.add_models("m*");
  filter.add_sessions("s");
  filter.add_states(messages::REQUEST_STATE_WAITING);
  filter.set_troubled_only(true);
  filter.set_min_duration_ms(7);
  message.set_include_existing(true);
  message.set_progress_interval_ms(100);
  message.set_queue_events(16);
  message.add_kinds(messages::REQUEST_EVENT_KIND_ENDED);

  const auto asked = rpc::asked(message);
  REQUIRE(asked.index() == 0);
  const auto& watch = std::get<0>(asked);
  using Names = std::vector<std::string>;
  CHECK(watch.filter.providers == Names{"a"});
  CHECK(watch.filter.keys == Names{"k"});
  CHECK(watch.filter.clients == Names{"c"});
  CHECK(watch.filter.models == Names{"m*"});
  CHECK(watch.filter.sessions == Names{"s"});
  CHECK(watch.filter.states == std::vector{management::RequestState::waiting});
  CHECK(watch.filter.troubled_only);
  CHECK(watch.filter.min_duration_ms == 7);
  CHECK(watch.include_existing);
  CHECK(watch.progress_interval_ms == 100);
  CHECK(watch.queue_events == 16);
  CHECK(watch.kinds == std::vector{management::RequestEventKind::ended});
}

TEST_CASE("a question of the ledger arrives whole", "[rpc]") {
  messages::QueryUsageRequest message;
  message.mutable_start_time()->set_seconds(10);
  message.mutable_end_time()->set_seconds(20);
  message.mutable_end_time()->set_nanos(5'000'000);
  message.add_group_by(messages::USAGE_DIMENSION_MODEL);
  message.set_interval(messages::USAGE_INTERVAL_DAY);
  message.set_time_zone("Europe/Berlin");
  message.mutable_filter()->add_providers("a");
  message.mutable_filter()->add_models("m");
  message.mutable_filter()->add_clients("c");
  message.mutable_filter()->add_keys("k");
  message.mutable_filter()->add_sessions("s");
  message.set_order_by(messages::USAGE_ORDER_COST);
  message.set_page_size(3);
  message.set_page_token("next");

  const auto asked = rpc::asked(message);
  REQUIRE(asked.index() == 0);
  const auto& query = std::get<0>(asked);
  CHECK(query.start_time == WallTime(std::chrono::seconds(10)));
  CHECK(query.end_time == WallTime(std::chrono::milliseconds(20'005)));
  CHECK(query.group_by == std::vector{management::UsageDimension::model});
  CHECK(query.interval == management::UsageInterval::day);
  CHECK(query.time_zone == "Europe/Berlin");
  CHECK(query.filter.providers.size() + query.filter.models.size() + query.filter.clients.size() +
            query.filter.keys.size() + query.filter.sessions.size() ==
        5);
  CHECK(query.order_by == management::UsageOrder::cost);
  CHECK(query.page_size == 3);
  CHECK(query.page_token == "next");
}

TEST_CASE("times at the ends of what there is are taken", "[rpc]") {
  messages::ListUsageRecordsRequest message;
  message.mutable_start_time()->set_seconds(-62'135'596'800);  // the year 1
  message.mutable_end_time()->set_seconds(253'402'300'799);    // 9999
  const auto asked = rpc::asked(message);
  REQUIRE(asked.index() == 0);
  CHECK(std::get<0>(asked).start_time < std::get<0>(asked).end_time);
  message.mutable_start_time()->set_seconds(INT64_MIN);
  message.mutable_end_time()->set_seconds(INT64_MAX);
  CHECK(rpc::asked(message).index() == 0);
  message.mutable_start_time()->set_nanos(-1);
  CHECK(refused(rpc::asked(message)) == "start_time: its nanos are not from 0 to 999999999");
}

TEST_CASE("a question about the log arrives whole", "[rpc]") {
  messages::WatchLogsRequest message;
  message.set_min_level(messages::LOG_LEVEL_WARN);
  message.set_tail(3);
  message.set_request("1f");
  message.set_contains("words");
  message.set_queue_lines(16);
  message.set_no_follow(true);
  const auto asked = rpc::asked(message);
  REQUIRE(asked.index() == 0);
  const auto& watch = std::get<0>(asked);
  CHECK(watch.min_level == management::LogLevel::warn);
  CHECK(watch.tail == 3);
  CHECK(watch.request == "1f");
  CHECK(watch.contains == "words");
  CHECK(watch.queue_lines == 16);
  CHECK(watch.no_follow);
}

TEST_CASE("the number of no value is refused with its field", "[rpc]") {
  messages::WatchRequestsRequest watch;
  watch.add_kinds(static_cast<messages::RequestEventKind>(99));
  CHECK(refused(rpc::asked(watch)) == "kinds: 99 is the number of no value");
  watch.mutable_filter()->add_states(static_cast<messages::RequestState>(-1));
  CHECK(refused(rpc::asked(watch)) == "filter.states: -1 is the number of no value");
  messages::QueryUsageRequest query;
  query.set_order_by(static_cast<messages::UsageOrder>(9));
  CHECK(refused(rpc::asked(query)) == "order_by: 9 is the number of no value");
  query.set_interval(static_cast<messages::UsageInterval>(9));
  CHECK(refused(rpc::asked(query)) == "interval: 9 is the number of no value");
  query.add_group_by(static_cast<messages::UsageDimension>(9));
  CHECK(refused(rpc::asked(query)) == "group_by: 9 is the number of no value");
  messages::WatchLogsRequest logs;
  logs.set_min_level(static_cast<messages::LogLevel>(9));
  CHECK(refused(rpc::asked(logs)) == "min_level: 9 is the number of no value");
}
