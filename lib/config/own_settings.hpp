#pragma once

#include "config/reader.hpp"

#include <ccrelay/setting.hpp>

#include <string_view>
#include <vector>

namespace ccrelay::config {

/// What a program brings along for one table of the file: the rules of its settings.
struct OwnRules {
  std::string_view owner;  ///< `type "house"`, for messages
  const std::vector<SettingRule>& rules;
  bool takes_others;
};

/// Reads what is left of a table, after all that the relay itself knows of it was asked for.
Settings read_own_settings(TableReader& reader, const OwnRules& own);

/// As a TOML value, on one line; secrets as `***`.
std::string shown_value(const Setting& setting);
/// A bare key where that is possible.
std::string shown_name(std::string_view name);

}  // namespace ccrelay::config
