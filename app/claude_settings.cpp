#include "claude_settings.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "files.hpp"
#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t settings_bytes_max = 4 << 20;
constexpr mode_t private_mode = 0600;

std::string record_file(const std::string& file) {
  return file + ".cc-relay";
}
std::string backup_file(const std::string& file) {
  return file + ".cc-relay-backup";
}

Error refused(const std::string& file, const Error& why) {
  return {ErrorCode::config, fmt::format("{}: {}; the file was not changed", file, why.message)};
}

Result<std::optional<SettingsRecord>> load_record(const std::string& file) {
  const std::string path = record_file(file);
  Result<std::optional<std::string>> json = read_file(path, settings_bytes_max);
  if (!json) return json.error();
  if (!*json) return std::optional<SettingsRecord>();
  Result<SettingsRecord> record = read_record(**json);
  if (!record) {
    return Error{ErrorCode::config, fmt::format("{}: {}; edit {} by hand and delete {}", path,
                                                record.error().message, file, path)};
  }
  return std::optional<SettingsRecord>(*std::move(record));
}

Result<void> delete_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return file_error("cannot delete", path, errno);
  }
  return {};
}

// Writes `text`, after a backup, unless somebody else has written the file since it was read.
Result<void> replace(const std::string& file, const std::optional<std::string>& old,
                     const std::string& text, bool secret = false) {
  if (old) {
    if (auto done = write_file(backup_file(file), *old, private_mode); !done) return done;
  }
  const Result<std::optional<std::string>> now = read_file(file, settings_bytes_max);
  if (!now) return now.error();
  if (*now != old) {
    return Error{ErrorCode::config,
                 fmt::format("{} was changed by somebody else just now; try again", file)};
  }
  return write_file(file, text, private_mode, secret ? private_mode : 07777);
}

// Of a file that holds the secret already.
Result<void> close_to_others(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0 || (info.st_mode & 077) == 0) return {};
  if (::chmod(file.c_str(), info.st_mode & private_mode) == 0) return {};
  return file_error("cannot keep others from reading", file, errno);
}

// Without a record only the placeholder shows that the two values are ours.
SettingsRecord guessed_record(const std::string& text) {
  SettingsRecord record;
  if (!has_values(text, {{std::string(token_name), std::string(placeholder_token)}})) return record;
  const Result<JsonObject> root = read_root(text);
  const JsonObject env = read_object(text, root->find("env")->value);
  if (const JsonMember* url = env.find(base_url_name)) {
    if (const auto value = string_value(text, *url)) {
      record.keys.push_back({std::string(base_url_name), *value, std::nullopt});
    }
  }
  record.keys.push_back({std::string(token_name), std::string(placeholder_token), std::nullopt});
  return record;
}

}  // namespace

Result<std::string> claude_settings_file(const Environment& env) {
  const std::string directory = env("CLAUDE_CONFIG_DIR").value_or("");
  if (!directory.empty()) return directory + "/settings.json";
  const std::string home = env("HOME").value_or("");
  if (home.empty()) {
    return Error{ErrorCode::config,
                 "cannot find Claude Code's settings: neither HOME nor CLAUDE_CONFIG_DIR is set"};
  }
  return home + "/.claude/settings.json";
}

Result<bool> put_into_claude_settings(const std::string& file,
                                      const std::vector<SettingsValue>& values, bool secret) {
  const auto as_wanted = [&]() -> Result<bool> {
    if (secret) {
      if (const auto closed = close_to_others(file); !closed) return closed.error();
    }
    return false;
  };
  const Result<std::optional<std::string>> old = read_file(file, settings_bytes_max);
  if (!old) return refused(file, old.error());
  const Result<std::optional<SettingsRecord>> record = load_record(file);
  if (!record) return record.error();

  std::string text = old->value_or("");
  if (*record) {
    // A second init begins where the first one did, so that the earliest values are not forgotten.
    const bool same = (*record)->keys.size() == values.size() && has_values(text, values);
    if (same) return as_wanted();
    Result<RestoredSettings> before = take_back_values(text, **record);
    if (!before) return refused(file, before.error());
    text = std::move(before->text);
  } else if (has_values(text, values)) {
    return as_wanted();
  }

  Result<EditedSettings> edited = put_values(text, values);
  if (!edited) return refused(file, edited.error());
  edited->record.made_file = !*old || (*record && (*record)->made_file);

  if (auto done = make_directories(directory_of(link_target(file))); !done) return done.error();
  // The record first: a change without one could not be taken back.
  const auto recorded = write_file(record_file(file), to_json(edited->record), private_mode);
  if (!recorded) return recorded.error();
  if (auto done = replace(file, *old, edited->text, secret); !done) return done.error();
  return true;
}

Result<RestoredSettings> take_out_of_claude_settings(const std::string& file) {
  const Result<std::optional<std::string>> old = read_file(file, settings_bytes_max);
  if (!old) return refused(file, old.error());
  const Result<std::optional<SettingsRecord>> record = load_record(file);
  if (!record) return record.error();

  if (!*old) {
    if (auto done = delete_file(record_file(file)); !done) return done.error();
    return RestoredSettings{};
  }
  const std::string& text = **old;
  Result<RestoredSettings> restored =
      take_back_values(text, *record ? **record : guessed_record(text));
  if (!restored) return refused(file, restored.error());

  if (restored->empty) {
    if (auto done = write_file(backup_file(file), text, private_mode); !done) return done.error();
    if (auto done = delete_file(link_target(file)); !done) return done.error();
  } else if (restored->text != text) {
    if (auto done = replace(file, *old, restored->text); !done) return done.error();
  }
  if (auto done = delete_file(record_file(file)); !done) return done.error();
  return restored;
}

}  // namespace ccrelay::app
