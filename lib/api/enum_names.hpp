#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_access.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_usage.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace ccrelay::api {

using Names = std::span<const std::string_view>;

/// The names that the values of an enum have in the proto, in the order of the values; which enum
/// is told by any of them. Those of Outcome and Ending begin with what says that there is none.
Names names_of(management::Role);
Names names_of(management::ServerState);
Names names_of(management::AdminState);
Names names_of(management::ProviderHealth);
Names names_of(management::BreakerState);
Names names_of(management::KeyState);
Names names_of(management::BudgetKind);
Names names_of(management::ClientKind);
Names names_of(management::RequestState);
Names names_of(management::RequestEventKind);
Names names_of(management::UsageDimension);
Names names_of(management::UsageInterval);
Names names_of(management::UsageOrder);
Names names_of(management::SettingOrigin);
Names names_of(management::Severity);
Names names_of(management::LogLevel);
Names names_of(Outcome);
Names names_of(Ending);

/// An enum of the proto, whose values are numbered as there.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  names_of(value);
};

template <NamedEnum E>
std::string_view name_of(E value) {
  const Names names = names_of(value);
  const auto index = static_cast<std::size_t>(value);
  return names[index < names.size() ? index : 0];
}
/// These have no value of their own for "not yet", and another order than the API.
std::string_view name_of(Outcome outcome);
std::string_view name_of(Ending ending);

}  // namespace ccrelay::api
