#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_usage.hpp>

#include <optional>

namespace ccrelay::management::v1 {
enum AdminState : int;
enum BreakerState : int;
enum BudgetKind : int;
enum ClientKind : int;
enum Ending : int;
enum KeyState : int;
enum LogLevel : int;
enum Outcome : int;
enum ProviderHealth : int;
enum RequestEventKind : int;
enum RequestState : int;
enum Role : int;
enum ServerState : int;
enum SettingOrigin : int;
enum Severity : int;
enum UsageDimension : int;
enum UsageInterval : int;
enum UsageOrder : int;
}  // namespace ccrelay::management::v1

// The enums of the Manager as those of the messages. A switch without a default each: what is added
// there does not compile here.
namespace ccrelay::rpc {

namespace messages = management::v1;

messages::Role told(management::Role role);
messages::ServerState told(management::ServerState state);
messages::AdminState told(management::AdminState state);
messages::ProviderHealth told(management::ProviderHealth health);
messages::BreakerState told(management::BreakerState state);
messages::Outcome told(Outcome outcome);
messages::KeyState told(management::KeyState state);
messages::BudgetKind told(management::BudgetKind kind);
messages::ClientKind told(management::ClientKind kind);
messages::RequestState told(management::RequestState state);
messages::Ending told(Ending ending);
messages::RequestEventKind told(management::RequestEventKind kind);
messages::UsageDimension told(management::UsageDimension dimension);
messages::UsageInterval told(management::UsageInterval interval);
messages::UsageOrder told(management::UsageOrder order);
messages::SettingOrigin told(management::SettingOrigin origin);
messages::Severity told(management::Severity severity);
messages::LogLevel told(management::LogLevel level);

/// The enumerator that is told by this number; none where there is none.
template <class Enum>
std::optional<Enum> enumerator_of(int number) {
  constexpr int more_than_any_has = 32;
  for (int i = 0; i < more_than_any_has; ++i) {
    const auto candidate = static_cast<Enum>(i);
    if (static_cast<int>(told(candidate)) == number) return candidate;
  }
  return {};
}

}  // namespace ccrelay::rpc
