#pragma once

#include "config/document.hpp"

#include <span>
#include <string>
#include <string_view>

namespace ccrelay::settings {

/// Whether a setting that this version does not have asks for nothing: 0, false, "", "off",
/// "none", "disabled", or a table or array of nothing else.
bool is_off(const Value& value);

/// ` is not available in this version; remove it`, to follow a key's path.
std::string not_available(std::string_view reason);

/// Words that are known but mean something that a coming version does.
bool is_later_strategy(std::string_view strategy);
bool is_later_type(std::string_view type);

}  // namespace ccrelay::settings
