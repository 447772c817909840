#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What the management of a relay says of configurations; see manage_types.hpp.
namespace ccrelay::management {

/// Where a setting comes from.
enum class SettingOrigin : std::uint8_t {
  unspecified,
  default_,  ///< nobody wrote it
  file,
  environment,
  command_line,
  program,  ///< that embeds the relay
};

/// One setting in force.
struct Setting {
  std::string path;   ///< such as `server.timeout_ms` or `providers.anthropic.priority`
  std::string value;  ///< as TOML; `***` for a secret
  SettingOrigin origin = SettingOrigin::unspecified;
  std::int32_t line = 0;  ///< in the file; 0 when it is not from there
  bool needs_restart = false;
};

/// The configuration in force.
struct EffectiveConfig {
  std::string toml;               ///< every setting, secrets as `***`
  std::vector<Setting> settings;  ///< each by itself, in the order of `toml`
  std::string source;             ///< path of the file; empty when there is none
  std::uint64_t generation = 0;
  WallTime load_time{};
};

enum class Severity : std::uint8_t {
  unspecified,
  error,    ///< it cannot be taken
  warning,  ///< it can, but may not be meant
};

/// Something about a configuration.
struct Diagnostic {
  Severity severity = Severity::unspecified;
  std::string file;         ///< path; empty for a text
  std::int32_t line = 0;    ///< from 1; 0 when it has no place
  std::int32_t column = 0;  ///< from 1, in characters; 0 when it has no place
  std::string path;         ///< of the setting, or the unknown key; may be empty
  std::string message;
};

/// One setting that differs.
struct ConfigChange {
  std::string path;
  std::string old_value;  ///< as TOML; empty when it is new, `***` for a secret
  std::string new_value;  ///< as TOML; empty when it is gone, `***` for a secret
  bool needs_restart = false;
  /// How it differs, for a person: `failover → round_robin`, of keys `+1 -0`; empty where that is
  /// too much to say.
  std::string words = {};
};

/// What a configuration is worth.
struct Validation {
  bool valid = false;  ///< no diagnostic is an error
  std::vector<Diagnostic> diagnostics;
  std::vector<ConfigChange> changes;  ///< against what is in force; empty when not valid
};

/// What became of reading the configuration again.
struct ReloadReport {
  std::uint64_t generation = 0;  ///< as before when nothing has changed
  std::vector<ConfigChange> changes;
  std::vector<Diagnostic> diagnostics;  ///< warnings
};

}  // namespace ccrelay::management
