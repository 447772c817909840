#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace ccrelay::state {

/// Whether an operator wants a provider or a key to be used.
enum class Admin : std::uint8_t {
  enabled,
  draining,  ///< only for conversations that are at home there; of providers alone
  disabled,
};

/// What an operator has said of a provider or a key, over the configuration. It ends by itself
/// where it was given an end: what was disabled is enabled again, what drains is disabled. A value.
struct OperatorWord {
  Admin state = Admin::enabled;
  std::string by;      ///< who
  std::string reason;  ///< in their words; may be empty
  WallTime given{};
  std::optional<TimePoint> until;
  std::optional<WallTime> until_wall;  ///< the same by the calendar, for people

  Admin at(TimePoint now) const {
    if (!until || now < *until) return state;
    return state == Admin::draining ? Admin::disabled : Admin::enabled;
  }
};

}  // namespace ccrelay::state
