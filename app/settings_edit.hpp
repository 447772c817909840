#pragma once

#include <ccrelay/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

/// What `config cc init` changed in Claude Code's settings, so that `config cc remove` can take
/// back just that. Kept beside the settings. A value type.
struct SettingsRecord {
  struct Key {
    std::string name;
    std::string written;
    std::optional<std::string> previous;  ///< the value's JSON as it stood there before, if any
  };
  bool made_file = false;
  bool made_env = false;
  std::optional<std::string> blank;        ///< the whole file, when it held nothing but white space
  std::optional<std::string> inside_root;  ///< between the braces of an empty root object
  std::optional<std::string> inside_env;   ///< between the braces of an empty `env`
  std::vector<Key> keys;
};

std::string to_json(const SettingsRecord& record);
Result<SettingsRecord> read_record(std::string_view json);

/// One `env` variable that settings shall hold.
struct SettingsValue {
  std::string name;
  std::string value;
};

struct EditedSettings {
  std::string text;
  SettingsRecord record;
};

/// Puts the values into `env`; every byte beside them stays. Pure.
Result<EditedSettings> put_values(std::string_view text, const std::vector<SettingsValue>& values);
/// Whether `env` holds just these values.
bool has_values(std::string_view text, const std::vector<SettingsValue>& values);

struct RestoredSettings {
  std::string text;
  bool empty = false;                 ///< nothing is left, and the file was made by us
  std::vector<std::string> removed;   ///< names taken out
  std::vector<std::string> restored;  ///< names that have their earlier value again
  std::vector<std::string> left;      ///< names that somebody changed since
};

/// Takes back what put_values() did. Text that was not changed since becomes what it was, byte for
/// byte; a value that was changed since stays. Pure.
Result<RestoredSettings> take_back_values(std::string_view text, const SettingsRecord& record);

}  // namespace ccrelay::app
