#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <cstddef>
#include <map>
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

/// What config.toml says of whom Codex asks. A value type.
struct CodexSettings {
  struct Value {
    std::string text;  ///< a string's; else as it stands there
    std::size_t line = 0;
  };
  std::string file;
  std::string unreadable;  ///< why it can't be read; empty: it can, or is not there
  Value provider;          ///< `model_provider`; of line 0 when nothing is said
  Value openai_base_url;   ///< that of the provider that is built in
  bool has_relay = false;  ///< `model_providers.cc-relay` is there
  std::map<std::string, Value, std::less<>> entry;  ///< the settings of the provider asked

  /// A setting of the provider asked; empty when it is not there.
  std::string said(std::string_view name) const;
};
CodexSettings read_codex_settings(const Environment& env);

/// The settings of a text that keep Codex from asking with the relay's token, each as a sentence.
std::vector<std::string> codex_obstacles(const std::string& file, std::string_view text);

}  // namespace ccrelay::app
