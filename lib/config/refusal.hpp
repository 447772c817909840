#pragma once

#include "config/document.hpp"

#include <string>
#include <string_view>

namespace ccrelay::config {

/// Whether a setting that this version does not have asks for nothing: 0, false, "", "off",
/// "none", "disabled", or a table or array of nothing else.
bool is_off(const Value& value);

/// ` is not available in this version: reason; remove it`, to follow a key's path.
std::string not_available(std::string_view reason);

}  // namespace ccrelay::config
