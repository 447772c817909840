#pragma once

#include <ccrelay/manage_types.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ccrelay::manage {

/// The windows of a subscription out of its provider's figures: name behind
/// `anthropic-ratelimit-unified-`, value, such as `5h-utilization`, `0.62`. Those of which it says
/// how far they are used, in its order.
std::vector<management::PlanWindow> plan_windows(
    const std::vector<std::pair<std::string, std::string>>& figures);

}  // namespace ccrelay::manage
