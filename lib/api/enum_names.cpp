#include "api/enum_names.hpp"

#include <array>

namespace ccrelay::api {
namespace {

using Name = std::string_view;

constexpr std::array<Name, 3> roles{"ROLE_UNSPECIFIED", "ROLE_VIEWER", "ROLE_OPERATOR"};
constexpr std::array<Name, 4> server_states{"SERVER_STATE_UNSPECIFIED", "SERVER_STATE_SERVING",
                                            "SERVER_STATE_NOT_READY", "SERVER_STATE_DRAINING"};
constexpr std::array<Name, 4> admin_states{"ADMIN_STATE_UNSPECIFIED", "ADMIN_STATE_ENABLED",
                                           "ADMIN_STATE_DRAINING", "ADMIN_STATE_DISABLED"};
constexpr std::array<Name, 7> provider_healths{
    "PROVIDER_HEALTH_UNSPECIFIED", "PROVIDER_HEALTH_OK",      "PROVIDER_HEALTH_HALF_OPEN",
    "PROVIDER_HEALTH_OPEN",        "PROVIDER_HEALTH_LIMITED", "PROVIDER_HEALTH_KEYS_REFUSED",
    "PROVIDER_HEALTH_NO_IDENTITY"};
constexpr std::array<Name, 4> breaker_states{"BREAKER_STATE_UNSPECIFIED", "BREAKER_STATE_CLOSED",
                                             "BREAKER_STATE_HALF_OPEN", "BREAKER_STATE_OPEN"};
constexpr std::array<Name, 5> key_states{"KEY_STATE_UNSPECIFIED", "KEY_STATE_OK",
                                         "KEY_STATE_COOLING", "KEY_STATE_REFUSED",
                                         "KEY_STATE_LIMITED"};
constexpr std::array<Name, 8> budget_kinds{"BUDGET_KIND_UNSPECIFIED",
                                           "BUDGET_KIND_REQUESTS_PER_MINUTE",
                                           "BUDGET_KIND_INPUT_TOKENS_PER_MINUTE",
                                           "BUDGET_KIND_OUTPUT_TOKENS_PER_MINUTE",
                                           "BUDGET_KIND_TOKENS_PER_MINUTE",
                                           "BUDGET_KIND_CONCURRENT_REQUESTS",
                                           "BUDGET_KIND_NANO_USD_PER_DAY",
                                           "BUDGET_KIND_NANO_USD_PER_MONTH"};
constexpr std::array<Name, 5> client_kinds{"CLIENT_KIND_UNSPECIFIED", "CLIENT_KIND_CONFIGURED",
                                           "CLIENT_KIND_SHARED_SECRET", "CLIENT_KIND_SUBSCRIPTION",
                                           "CLIENT_KIND_ANONYMOUS"};
constexpr std::array<Name, 6> request_states{"REQUEST_STATE_UNSPECIFIED", "REQUEST_STATE_READING",
                                             "REQUEST_STATE_ROUTING",     "REQUEST_STATE_WAITING",
                                             "REQUEST_STATE_STREAMING",   "REQUEST_STATE_ENDED"};
constexpr std::array<Name, 7> request_event_kinds{"REQUEST_EVENT_KIND_UNSPECIFIED",
                                                  "REQUEST_EVENT_KIND_STARTED",
                                                  "REQUEST_EVENT_KIND_ATTEMPT_STARTED",
                                                  "REQUEST_EVENT_KIND_ATTEMPT_ENDED",
                                                  "REQUEST_EVENT_KIND_FIRST_BYTE",
                                                  "REQUEST_EVENT_KIND_PROGRESS",
                                                  "REQUEST_EVENT_KIND_ENDED"};
constexpr std::array<Name, 8> usage_dimensions{
    "USAGE_DIMENSION_UNSPECIFIED", "USAGE_DIMENSION_PROVIDER", "USAGE_DIMENSION_MODEL",
    "USAGE_DIMENSION_MODEL_SENT",  "USAGE_DIMENSION_CLIENT",   "USAGE_DIMENSION_KEY",
    "USAGE_DIMENSION_SESSION",     "USAGE_DIMENSION_AGENT"};
constexpr std::array<Name, 6> usage_intervals{"USAGE_INTERVAL_UNSPECIFIED", "USAGE_INTERVAL_MINUTE",
                                              "USAGE_INTERVAL_HOUR",        "USAGE_INTERVAL_DAY",
                                              "USAGE_INTERVAL_WEEK",        "USAGE_INTERVAL_MONTH"};
constexpr std::array<Name, 4> usage_orders{"USAGE_ORDER_UNSPECIFIED", "USAGE_ORDER_COST",
                                           "USAGE_ORDER_TOKENS", "USAGE_ORDER_REQUESTS"};
constexpr std::array<Name, 6> setting_origins{
    "SETTING_ORIGIN_UNSPECIFIED", "SETTING_ORIGIN_DEFAULT",      "SETTING_ORIGIN_FILE",
    "SETTING_ORIGIN_ENVIRONMENT", "SETTING_ORIGIN_COMMAND_LINE", "SETTING_ORIGIN_PROGRAM"};
constexpr std::array<Name, 3> severities{"SEVERITY_UNSPECIFIED", "SEVERITY_ERROR",
                                         "SEVERITY_WARNING"};
constexpr std::array<Name, 5> log_levels{"LOG_LEVEL_UNSPECIFIED", "LOG_LEVEL_DEBUG",
                                         "LOG_LEVEL_INFO", "LOG_LEVEL_WARN", "LOG_LEVEL_ERROR"};
constexpr std::array<Name, 14> outcomes{
    "OUTCOME_UNSPECIFIED", "OUTCOME_SUCCESS",  "OUTCOME_TRANSPORT",     "OUTCOME_RATE_LIMITED",
    "OUTCOME_OVERLOADED",  "OUTCOME_FAILED",   "OUTCOME_TIMED_OUT",     "OUTCOME_KEY_REFUSED",
    "OUTCOME_NOT_HERE",    "OUTCOME_REJECTED", "OUTCOME_STREAM_BROKEN", "OUTCOME_CANCELLED",
    "OUTCOME_NO_ACCESS",   "OUTCOME_EXHAUSTED"};
constexpr std::array<Name, 7> endings{
    "ENDING_UNSPECIFIED", "ENDING_COMPLETE", "ENDING_CLIENT_GONE", "ENDING_CLIENT_STALLED",
    "ENDING_BROKEN",      "ENDING_SHUTDOWN", "ENDING_OPERATOR"};

}  // namespace

Names names_of(management::Role) {
  return roles;
}
Names names_of(management::ServerState) {
  return server_states;
}
Names names_of(management::AdminState) {
  return admin_states;
}
Names names_of(management::ProviderHealth) {
  return provider_healths;
}
Names names_of(management::BreakerState) {
  return breaker_states;
}
Names names_of(management::KeyState) {
  return key_states;
}
Names names_of(management::BudgetKind) {
  return budget_kinds;
}
Names names_of(management::ClientKind) {
  return client_kinds;
}
Names names_of(management::RequestState) {
  return request_states;
}
Names names_of(management::RequestEventKind) {
  return request_event_kinds;
}
Names names_of(management::UsageDimension) {
  return usage_dimensions;
}
Names names_of(management::UsageInterval) {
  return usage_intervals;
}
Names names_of(management::UsageOrder) {
  return usage_orders;
}
Names names_of(management::SettingOrigin) {
  return setting_origins;
}
Names names_of(management::Severity) {
  return severities;
}
Names names_of(management::LogLevel) {
  return log_levels;
}
Names names_of(Outcome) {
  return outcomes;
}
Names names_of(Ending) {
  return endings;
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "OUTCOME_SUCCESS";
    case Outcome::transport:
      return "OUTCOME_TRANSPORT";
    case Outcome::rate_limited:
      return "OUTCOME_RATE_LIMITED";
    case Outcome::overloaded:
      return "OUTCOME_OVERLOADED";
    case Outcome::failed:
      return "OUTCOME_FAILED";
    case Outcome::timed_out:
      return "OUTCOME_TIMED_OUT";
    case Outcome::key_refused:
      return "OUTCOME_KEY_REFUSED";
    case Outcome::no_access:
      return "OUTCOME_NO_ACCESS";
    case Outcome::exhausted:
      return "OUTCOME_EXHAUSTED";
    case Outcome::not_here:
      return "OUTCOME_NOT_HERE";
    case Outcome::rejected:
      return "OUTCOME_REJECTED";
    case Outcome::stream_broken:
      return "OUTCOME_STREAM_BROKEN";
    case Outcome::cancelled:
      return "OUTCOME_CANCELLED";
  }
  return "OUTCOME_UNSPECIFIED";
}

std::string_view name_of(Ending ending) {
  const auto index = static_cast<std::size_t>(ending) + 1;
  return endings[index < endings.size() ? index : 0];
}

}  // namespace ccrelay::api
