#pragma once

#include <string_view>
#include <vector>

namespace ccrelay::config {

/// The one of `names` that `written` was most likely meant to be; empty when none is close.
/// A `-` counts as a `_`, and upper case as lower.
std::string_view nearest_name(std::string_view written, const std::vector<std::string_view>& names);

}  // namespace ccrelay::config
