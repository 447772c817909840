#pragma once

#include <ccrelay/manage_types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "worker/snapshot.hpp"

namespace ccrelay::manage {

/// Whether all that is set fits. `request` has its attempts.
bool matches(const management::RequestFilter& filter, const management::Request& request);
/// A `*` may end the name of a model, and stand nowhere else.
std::optional<management::Refusal> check_models(const std::vector<std::string>& models);
/// What can't be asked for like that, if so.
std::optional<management::Refusal> check(const management::RequestFilter& filter,
                                         const worker::Snapshot& snapshot);

}  // namespace ccrelay::manage
