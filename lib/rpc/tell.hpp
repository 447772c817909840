#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_usage.hpp>

// What the Manager's structs are as messages: field by field, of the same names. tests/rpc walks
// the messages' descriptors and finds what is not filled here.

namespace google::protobuf {
class Timestamp;
}

namespace ccrelay::management::v1 {
class Attempt;
class Breaker;
class Budget;
class Caller;
class Client;
class ConfigChange;
class Cost;
class Diagnostic;
class GetConfigResponse;
class GetLogLevelResponse;
class Key;
class ListUsageRecordsResponse;
class LogLine;
class Provider;
class QueryUsageResponse;
class ReloadConfigResponse;
class Request;
class ServerInfo;
class Status;
class TokenUsage;
class Totals;
class ValidateConfigResponse;
class WatchLogsResponse;
class WatchRequestsResponse;
}  // namespace ccrelay::management::v1

namespace ccrelay::rpc {

namespace messages = management::v1;

void tell(WallTime time, google::protobuf::Timestamp& out);
void tell(const management::TokenUsage& usage, messages::TokenUsage& out);
void tell(const management::Cost& cost, messages::Cost& out);
void tell(const management::Totals& totals, messages::Totals& out);
void tell(const management::Budget& budget, messages::Budget& out);

void tell(const management::Caller& caller, messages::Caller& out);
void tell(const management::ServerInfo& info, messages::ServerInfo& out);
void tell(const management::Status& status, messages::Status& out);
void tell(const management::Provider& provider, messages::Provider& out);
void tell(const management::Key& key, messages::Key& out);
void tell(const management::Client& client, messages::Client& out);
void tell(const management::Attempt& attempt, messages::Attempt& out);
void tell(const management::Request& request, messages::Request& out);
void tell(const management::Event& event, messages::WatchRequestsResponse& out);

void tell(const management::UsageReport& report, messages::QueryUsageResponse& out);
void tell(const management::UsageRecords& records, messages::ListUsageRecordsResponse& out);

void tell(const management::EffectiveConfig& config, messages::GetConfigResponse& out);
void tell(const management::Validation& validation, messages::ValidateConfigResponse& out);
void tell(const management::ReloadReport& report, messages::ReloadConfigResponse& out);
void tell(const management::Diagnostic& diagnostic, messages::Diagnostic& out);
void tell(const management::ConfigChange& change, messages::ConfigChange& out);

void tell(const management::LogLevelState& state, messages::GetLogLevelResponse& out);
void tell(const management::LogLine& line, messages::LogLine& out);
void tell(const management::LogEvent& event, messages::WatchLogsResponse& out);

}  // namespace ccrelay::rpc
