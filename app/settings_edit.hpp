#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

/// What an init such as `config cc init` changed in a client's settings, so that the remove can
/// take back just that. Kept beside the settings. A value type.
struct SettingsRecord {
  struct Key {
    std::string name;
    std::string written;
    std::optional<std::string> previous;  ///< the value as it was written before, if there was one
  };
  bool made_file = false;
  std::size_t made = 0;              ///< how many of the objects, or tables, around the values
  std::optional<std::string> blank;  ///< the whole file, when it held nothing but white space
  /// What stood where ours was put: between the braces of an object that was empty; in formats of
  /// lines, what had to be put before ours.
  std::optional<std::string> inside;
  std::vector<Key> keys;
};

std::string to_json(const SettingsRecord& record);
Result<SettingsRecord> read_record(std::string_view json);

/// One value that settings shall hold; its name as the format has it.
struct SettingsValue {
  std::string name;
  std::string value;
};

struct EditedSettings {
  std::string text;
  SettingsRecord record;
};

struct RestoredSettings {
  std::string text;
  bool empty = false;                 ///< nothing is left, and the file was made by us
  std::vector<std::string> removed;   ///< names taken out
  std::vector<std::string> restored;  ///< names that have their earlier value again
  std::vector<std::string> left;      ///< names that somebody changed since
};

/// How a client writes its settings. Pure functions.
struct SettingsFormat {
  std::string_view prefix;  ///< before a name, when a person reads it

  /// Puts the values in; every byte beside them stays. An error names the line.
  Result<EditedSettings> (*put)(std::string_view text, const std::vector<SettingsValue>& values);
  /// Whether the settings hold just these values.
  bool (*has)(std::string_view text, const std::vector<SettingsValue>& values);
  /// Takes back what put() did. Text that was not changed since becomes what it was, byte for byte;
  /// a value that was changed since stays.
  Result<RestoredSettings> (*take_back)(std::string_view text, const SettingsRecord& record);
};

/// Claude Code's settings.json: variables below `env`. Strict JSON.
const SettingsFormat& claude_format();
/// Gemini CLI's settings.json: members of `security.auth`. JSON with comments.
const SettingsFormat& gemini_format();
/// Codex's config.toml. Names are keys with dots, at most one table deep for each dot but the last.
const SettingsFormat& toml_format();
/// Lines of `NAME="value"`, as the npm package dotenv reads them.
const SettingsFormat& dotenv_format();

/// Of such lines the names and values, in their order.
std::vector<SettingsValue> dotenv_values(std::string_view text);

/// Nothing but white space, and perhaps a byte order mark.
bool is_blank(std::string_view text);

}  // namespace ccrelay::app
