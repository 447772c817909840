#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/manage_config.hpp>

#include <string_view>
#include <vector>

namespace ccrelay::manage {

/// Each setting of what show_config() has said of `config`, in its order, and where it comes from.
std::vector<management::Setting> settings_of(const Config& config, std::string_view shown);

}  // namespace ccrelay::manage
