#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <vector>

namespace ccrelay::app {

/// The configuration. A variable that a running relay has, and this shell has not, is no mistake of
/// the file: `warnings` then name it.
Result<Config> checked_config(const std::string& path, const Environment& env,
                              std::vector<std::string>& warnings);

/// Files and folders that a configuration names and a relay on this machine could not start
/// without, as they are not there or can't be read: each one line that begins with the setting.
std::vector<std::string> missing_files(const Config& config);
/// The same of those that a single provider, or telemetry, can't do without.
std::vector<std::string> missing_for_providers(const Config& config);

/// `anthropic (clients' own logins go there), ollama (needs none)`: the enabled providers without a
/// key of the configuration, and what they do instead. Empty when all have one.
std::string without_key(const Config& config);

}  // namespace ccrelay::app
