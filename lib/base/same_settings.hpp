#pragma once

#include <ccrelay/setting.hpp>

#include <string_view>
#include <vector>

namespace ccrelay::base {

/// The same list, each with the same value, whichever the order and the place. Not in constant
/// time, as a comparison with what a client sends must be: both are the operator's.
bool same_settings(const Settings& one, const Settings& other);

/// The names of what differs, those of `before` first.
std::vector<std::string_view> changed_settings(const Settings& before, const Settings& after);

}  // namespace ccrelay::base
