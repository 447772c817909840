#pragma once

#include <cstdint>
#include <string>

#include "grid.hpp"
#include "model.hpp"

namespace ccrelay::app::top {

/// A state as a word, and how bad it is.
struct State {
  std::string word;
  Tint tint = Tint::plain;
};

/// `OK`, `OPEN 21s`, `HALF OPEN`, `DISABLED`, `DRAINING`.
State state_of(const Provider& provider);
/// `OK`, `COOLING 38s`, `REFUSED 4m`, `LIMITED`, `DISABLED`.
State state_of(const Key& key, std::int64_t now);
State state_of(const Request& request);
State server_state(const std::string& state);

/// `disabled by uid:1000 since 11:40, 18 min left: maintenance`; empty where no operator did.
std::string told_of(const std::string& admin_state, const std::optional<AdminOverride>& set,
                    std::int64_t now);

}  // namespace ccrelay::app::top
