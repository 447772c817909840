#include "rpc/enums.hpp"

#include <ccrelay/management/v1/management.pb.h>

namespace ccrelay::rpc {

messages::Role told(management::Role role) {
  switch (role) {
    case management::Role::unspecified:
      return messages::ROLE_UNSPECIFIED;
    case management::Role::viewer:
      return messages::ROLE_VIEWER;
    case management::Role::operator_:
      return messages::ROLE_OPERATOR;
  }
  return messages::ROLE_UNSPECIFIED;
}

messages::ServerState told(management::ServerState state) {
  switch (state) {
    case management::ServerState::unspecified:
      return messages::SERVER_STATE_UNSPECIFIED;
    case management::ServerState::serving:
      return messages::SERVER_STATE_SERVING;
    case management::ServerState::not_ready:
      return messages::SERVER_STATE_NOT_READY;
    case management::ServerState::draining:
      return messages::SERVER_STATE_DRAINING;
  }
  return messages::SERVER_STATE_UNSPECIFIED;
}

messages::AdminState told(management::AdminState state) {
  switch (state) {
    case management::AdminState::unspecified:
      return messages::ADMIN_STATE_UNSPECIFIED;
    case management::AdminState::enabled:
      return messages::ADMIN_STATE_ENABLED;
    case management::AdminState::draining:
      return messages::ADMIN_STATE_DRAINING;
    case management::AdminState::disabled:
      return messages::ADMIN_STATE_DISABLED;
  }
  return messages::ADMIN_STATE_UNSPECIFIED;
}

messages::ProviderHealth told(management::ProviderHealth health) {
  switch (health) {
    case management::ProviderHealth::unspecified:
      return messages::PROVIDER_HEALTH_UNSPECIFIED;
    case management::ProviderHealth::ok:
      return messages::PROVIDER_HEALTH_OK;
    case management::ProviderHealth::half_open:
      return messages::PROVIDER_HEALTH_HALF_OPEN;
    case management::ProviderHealth::open:
      return messages::PROVIDER_HEALTH_OPEN;
    case management::ProviderHealth::limited:
      return messages::PROVIDER_HEALTH_LIMITED;
    case management::ProviderHealth::keys_refused:
      return messages::PROVIDER_HEALTH_KEYS_REFUSED;
    case management::ProviderHealth::no_identity:
      return messages::PROVIDER_HEALTH_NO_IDENTITY;
  }
  return messages::PROVIDER_HEALTH_UNSPECIFIED;
}

messages::BreakerState told(management::BreakerState state) {
  switch (state) {
    case management::BreakerState::unspecified:
      return messages::BREAKER_STATE_UNSPECIFIED;
    case management::BreakerState::closed:
      return messages::BREAKER_STATE_CLOSED;
    case management::BreakerState::half_open:
      return messages::BREAKER_STATE_HALF_OPEN;
    case management::BreakerState::open:
      return messages::BREAKER_STATE_OPEN;
  }
  return messages::BREAKER_STATE_UNSPECIFIED;
}

messages::Outcome told(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return messages::OUTCOME_SUCCESS;
    case Outcome::transport:
      return messages::OUTCOME_TRANSPORT;
    case Outcome::rate_limited:
      return messages::OUTCOME_RATE_LIMITED;
    case Outcome::overloaded:
      return messages::OUTCOME_OVERLOADED;
    case Outcome::failed:
      return messages::OUTCOME_FAILED;
    case Outcome::timed_out:
      return messages::OUTCOME_TIMED_OUT;
    case Outcome::key_refused:
      return messages::OUTCOME_KEY_REFUSED;
    case Outcome::no_access:
      return messages::OUTCOME_NO_ACCESS;
    case Outcome::exhausted:
      return messages::OUTCOME_EXHAUSTED;
    case Outcome::not_here:
      return messages::OUTCOME_NOT_HERE;
    case Outcome::rejected:
      return messages::OUTCOME_REJECTED;
    case Outcome::stream_broken:
      return messages::OUTCOME_STREAM_BROKEN;
    case Outcome::cancelled:
      return messages::OUTCOME_CANCELLED;
  }
  return messages::OUTCOME_UNSPECIFIED;
}

messages::KeyState told(management::KeyState state) {
  switch (state) {
    case management::KeyState::unspecified:
      return messages::KEY_STATE_UNSPECIFIED;
    case management::KeyState::ok:
      return messages::KEY_STATE_OK;
    case management::KeyState::cooling:
      return messages::KEY_STATE_COOLING;
    case management::KeyState::refused:
      return messages::KEY_STATE_REFUSED;
    case management::KeyState::limited:
      return messages::KEY_STATE_LIMITED;
  }
  return messages::KEY_STATE_UNSPECIFIED;
}

messages::BudgetKind told(management::BudgetKind kind) {
  switch (kind) {
    case management::BudgetKind::unspecified:
      return messages::BUDGET_KIND_UNSPECIFIED;
    case management::BudgetKind::requests_per_minute:
      return messages::BUDGET_KIND_REQUESTS_PER_MINUTE;
    case management::BudgetKind::input_tokens_per_minute:
      return messages::BUDGET_KIND_INPUT_TOKENS_PER_MINUTE;
    case management::BudgetKind::output_tokens_per_minute:
      return messages::BUDGET_KIND_OUTPUT_TOKENS_PER_MINUTE;
    case management::BudgetKind::tokens_per_minute:
      return messages::BUDGET_KIND_TOKENS_PER_MINUTE;
    case management::BudgetKind::concurrent_requests:
      return messages::BUDGET_KIND_CONCURRENT_REQUESTS;
    case management::BudgetKind::nano_usd_per_day:
      return messages::BUDGET_KIND_NANO_USD_PER_DAY;
    case management::BudgetKind::nano_usd_per_month:
      return messages::BUDGET_KIND_NANO_USD_PER_MONTH;
  }
  return messages::BUDGET_KIND_UNSPECIFIED;
}

messages::ClientKind told(management::ClientKind kind) {
  switch (kind) {
    case management::ClientKind::unspecified:
      return messages::CLIENT_KIND_UNSPECIFIED;
    case management::ClientKind::configured:
      return messages::CLIENT_KIND_CONFIGURED;
    case management::ClientKind::shared_secret:
      return messages::CLIENT_KIND_SHARED_SECRET;
    case management::ClientKind::subscription:
      return messages::CLIENT_KIND_SUBSCRIPTION;
    case management::ClientKind::anonymous:
      return messages::CLIENT_KIND_ANONYMOUS;
  }
  return messages::CLIENT_KIND_UNSPECIFIED;
}

messages::RequestState told(management::RequestState state) {
  switch (state) {
    case management::RequestState::unspecified:
      return messages::REQUEST_STATE_UNSPECIFIED;
    case management::RequestState::reading:
      return messages::REQUEST_STATE_READING;
    case management::RequestState::routing:
      return messages::REQUEST_STATE_ROUTING;
    case management::RequestState::waiting:
      return messages::REQUEST_STATE_WAITING;
    case management::RequestState::streaming:
      return messages::REQUEST_STATE_STREAMING;
    case management::RequestState::ended:
      return messages::REQUEST_STATE_ENDED;
  }
  return messages::REQUEST_STATE_UNSPECIFIED;
}

messages::Ending told(Ending ending) {
  switch (ending) {
    case Ending::complete:
      return messages::ENDING_COMPLETE;
    case Ending::client_gone:
      return messages::ENDING_CLIENT_GONE;
    case Ending::client_stalled:
      return messages::ENDING_CLIENT_STALLED;
    case Ending::broken:
      return messages::ENDING_BROKEN;
    case Ending::shutdown:
      return messages::ENDING_SHUTDOWN;
    case Ending::by_operator:
      return messages::ENDING_OPERATOR;
  }
  return messages::ENDING_UNSPECIFIED;
}

messages::RequestEventKind told(management::RequestEventKind kind) {
  switch (kind) {
    case management::RequestEventKind::unspecified:
      return messages::REQUEST_EVENT_KIND_UNSPECIFIED;
    case management::RequestEventKind::started:
      return messages::REQUEST_EVENT_KIND_STARTED;
    case management::RequestEventKind::attempt_started:
      return messages::REQUEST_EVENT_KIND_ATTEMPT_STARTED;
    case management::RequestEventKind::attempt_ended:
      return messages::REQUEST_EVENT_KIND_ATTEMPT_ENDED;
    case management::RequestEventKind::first_byte:
      return messages::REQUEST_EVENT_KIND_FIRST_BYTE;
    case management::RequestEventKind::progress:
      return messages::REQUEST_EVENT_KIND_PROGRESS;
    case management::RequestEventKind::ended:
      return messages::REQUEST_EVENT_KIND_ENDED;
  }
  return messages::REQUEST_EVENT_KIND_UNSPECIFIED;
}

messages::UsageDimension told(management::UsageDimension dimension) {
  switch (dimension) {
    case management::UsageDimension::unspecified:
      return messages::USAGE_DIMENSION_UNSPECIFIED;
    case management::UsageDimension::provider:
      return messages::USAGE_DIMENSION_PROVIDER;
    case management::UsageDimension::model:
      return messages::USAGE_DIMENSION_MODEL;
    case management::UsageDimension::model_sent:
      return messages::USAGE_DIMENSION_MODEL_SENT;
    case management::UsageDimension::client:
      return messages::USAGE_DIMENSION_CLIENT;
    case management::UsageDimension::key:
      return messages::USAGE_DIMENSION_KEY;
    case management::UsageDimension::session:
      return messages::USAGE_DIMENSION_SESSION;
    case management::UsageDimension::agent:
      return messages::USAGE_DIMENSION_AGENT;
  }
  return messages::USAGE_DIMENSION_UNSPECIFIED;
}

messages::UsageInterval told(management::UsageInterval interval) {
  switch (interval) {
    case management::UsageInterval::unspecified:
      return messages::USAGE_INTERVAL_UNSPECIFIED;
    case management::UsageInterval::minute:
      return messages::USAGE_INTERVAL_MINUTE;
    case management::UsageInterval::hour:
      return messages::USAGE_INTERVAL_HOUR;
    case management::UsageInterval::day:
      return messages::USAGE_INTERVAL_DAY;
    case management::UsageInterval::week:
      return messages::USAGE_INTERVAL_WEEK;
    case management::UsageInterval::month:
      return messages::USAGE_INTERVAL_MONTH;
  }
  return messages::USAGE_INTERVAL_UNSPECIFIED;
}

messages::UsageOrder told(management::UsageOrder order) {
  switch (order) {
    case management::UsageOrder::unspecified:
      return messages::USAGE_ORDER_UNSPECIFIED;
    case management::UsageOrder::cost:
      return messages::USAGE_ORDER_COST;
    case management::UsageOrder::tokens:
      return messages::USAGE_ORDER_TOKENS;
    case management::UsageOrder::requests:
      return messages::USAGE_ORDER_REQUESTS;
  }
  return messages::USAGE_ORDER_UNSPECIFIED;
}

messages::SettingOrigin told(management::SettingOrigin origin) {
  switch (origin) {
    case management::SettingOrigin::unspecified:
      return messages::SETTING_ORIGIN_UNSPECIFIED;
    case management::SettingOrigin::default_:
      return messages::SETTING_ORIGIN_DEFAULT;
    case management::SettingOrigin::file:
      return messages::SETTING_ORIGIN_FILE;
    case management::SettingOrigin::environment:
      return messages::SETTING_ORIGIN_ENVIRONMENT;
    case management::SettingOrigin::command_line:
      return messages::SETTING_ORIGIN_COMMAND_LINE;
    case management::SettingOrigin::program:
      return messages::SETTING_ORIGIN_PROGRAM;
  }
  return messages::SETTING_ORIGIN_UNSPECIFIED;
}

messages::Severity told(management::Severity severity) {
  switch (severity) {
    case management::Severity::unspecified:
      return messages::SEVERITY_UNSPECIFIED;
    case management::Severity::error:
      return messages::SEVERITY_ERROR;
    case management::Severity::warning:
      return messages::SEVERITY_WARNING;
  }
  return messages::SEVERITY_UNSPECIFIED;
}

messages::LogLevel told(management::LogLevel level) {
  switch (level) {
    case management::LogLevel::unspecified:
      return messages::LOG_LEVEL_UNSPECIFIED;
    case management::LogLevel::debug:
      return messages::LOG_LEVEL_DEBUG;
    case management::LogLevel::info:
      return messages::LOG_LEVEL_INFO;
    case management::LogLevel::warn:
      return messages::LOG_LEVEL_WARN;
    case management::LogLevel::error:
      return messages::LOG_LEVEL_ERROR;
  }
  return messages::LOG_LEVEL_UNSPECIFIED;
}

}  // namespace ccrelay::rpc
