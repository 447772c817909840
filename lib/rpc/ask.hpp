#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_usage.hpp>

#include <string>
#include <variant>

#include "rpc/status.hpp"

// What callers ask, as the Manager takes it. What a message can say and the Manager cannot, such as
// the number of no enumerator, is refused here, naming the field; all else is the Manager's to
// judge.

namespace ccrelay::management::v1 {
class ListUsageRecordsRequest;
class QueryUsageRequest;
class RequestFilter;
class WatchLogsRequest;
class WatchRequestsRequest;
}  // namespace ccrelay::management::v1

namespace ccrelay::rpc {

namespace messages = management::v1;

template <class Value>
using Asked = std::variant<Value, ::grpc::Status>;

Asked<management::RequestFilter> asked(const messages::RequestFilter& filter);
Asked<management::RequestWatch> asked(const messages::WatchRequestsRequest& watch);
Asked<management::LogWatch> asked(const messages::WatchLogsRequest& watch);
Asked<management::UsageQuery> asked(const messages::QueryUsageRequest& query);
Asked<management::UsageRecordsQuery> asked(const messages::ListUsageRecordsRequest& query);

/// The number of none: "FIELD: 12 is the number of no value".
::grpc::Status no_value(const std::string& field, int number);

}  // namespace ccrelay::rpc
