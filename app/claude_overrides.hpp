#pragma once

#include <ccrelay/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claude_sources.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {

/// What Claude Code is told so that it speaks with the relay whatever stands in its settings: as
/// environment, and by `--settings`, which wins over every file but the managed ones.
struct ClaudeOverrides {
  std::vector<SettingsValue> env;  ///< an empty value switches off
  bool no_api_key_helper = false;
};

/// `token` is what is presented to the relay; empty when Claude Code keeps its own login.
/// `certificates`: a file that it shall trust, empty = none. `direct`: the relay is on this
/// machine, so no proxy may be asked for it.
ClaudeOverrides overrides_for(const std::string& url, const std::string& token,
                              const std::string& certificates, bool direct,
                              const std::vector<ClaudeSource>& sources);

/// `settings` (JSON, an object) with the overrides put in.
Result<std::string> with_overrides(std::string_view settings, const ClaudeOverrides& overrides);

/// The user's own --settings among the arguments for Claude Code, the last one of which counts:
/// JSON or the name of a file. None = they gave none.
std::optional<std::string> settings_argument(const std::vector<std::string>& arguments);
/// The arguments with `--settings FILE` in the place of theirs, or first.
std::vector<std::string> with_settings_argument(const std::vector<std::string>& arguments,
                                                const std::string& file);

}  // namespace ccrelay::app
