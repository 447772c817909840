#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "settings_edit.hpp"

namespace ccrelay::app {

/// The relay's name among Codex's providers.
inline constexpr std::string_view codex_provider = "cc-relay";

/// Codex's config.toml, in $CODEX_HOME or ~/.codex.
Result<std::string> codex_settings_file(const Environment& env);

/// What makes Codex ask the relay at `url`, as names and values of config.toml: but for the
/// credential, which `credential` names, the setting, and says.
std::vector<SettingsValue> codex_values(const std::string& url, const SettingsValue& credential);

/// The settings of a text that keep Codex from asking with the relay's token, each as a sentence.
std::vector<std::string> codex_obstacles(const std::string& file, std::string_view text);

}  // namespace ccrelay::app
