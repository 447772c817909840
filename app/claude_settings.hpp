#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "settings_edit.hpp"

namespace ccrelay::app {

/// The token Claude Code presents to a relay that asks for none. The relay never sends it on.
inline constexpr std::string_view placeholder_token = "managed-by-cc-relay";
inline constexpr std::string_view base_url_name = "ANTHROPIC_BASE_URL";
inline constexpr std::string_view token_name = "ANTHROPIC_AUTH_TOKEN";

/// Claude Code's settings.json, in $CLAUDE_CONFIG_DIR or ~/.claude.
Result<std::string> claude_settings_file(const Environment& env);

/// Puts the values into `env` of the settings; a backup and a record of the change are kept beside
/// the file. False when they were all there already. On an error the file is as it was. With a
/// `secret` among them nobody but the owner may read the file from then on.
Result<bool> put_into_claude_settings(const std::string& file,
                                      const std::vector<SettingsValue>& values,
                                      bool secret = false);

/// Takes back what the record tells; without a record, what has the placeholder token.
Result<RestoredSettings> take_out_of_claude_settings(const std::string& file);

}  // namespace ccrelay::app
