#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <string_view>

#include "settings_file.hpp"

namespace ccrelay::app {

/// The token that a client presents to a relay that asks for none. The relay never sends it on.
inline constexpr std::string_view placeholder_token = "managed-by-cc-relay";
inline constexpr std::string_view base_url_name = "ANTHROPIC_BASE_URL";
inline constexpr std::string_view token_name = "ANTHROPIC_AUTH_TOKEN";

/// Claude Code's settings.json, in $CLAUDE_CONFIG_DIR or ~/.claude.
Result<std::string> claude_settings_file(const Environment& env);

/// Of which, without a record, what has the placeholder token is taken back.
SettingsFile claude_settings(std::string file);

}  // namespace ccrelay::app
