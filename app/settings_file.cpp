#include "settings_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "descriptor.hpp"
#include "files.hpp"

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

// Held until the object is gone; without the folder there is nothing to hold, nor to change.
Descriptor lock_folder_of(const std::string& file) {
  const std::string folder = directory_of(link_target(file));
  Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (held && ::flock(held.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return held;
}

// What the file held before the first init, as far as that is still in it, and what it holds now.
struct Before {
  std::optional<std::string> old;
  std::optional<SettingsRecord> record;
  std::string text;
};

// A second init begins where the first one did, so that the earliest values are not forgotten.
Result<Before> read_before(const SettingsFile& file) {
  Result<std::optional<std::string>> old = read_file(file.path, settings_bytes_max);
  if (!old) return refused(file.path, old.error());
  Result<std::optional<SettingsRecord>> record = load_record(file.path);
  if (!record) return record.error();
  Before before{*std::move(old), *std::move(record), ""};
  before.text = before.old.value_or("");
  if (!before.record) return before;
  Result<RestoredSettings> restored = file.format->take_back(before.text, *before.record);
  if (!restored) return refused(file.path, restored.error());
  before.text = std::move(restored->text);
  return before;
}

}  // namespace

Result<bool> put_into_settings(const SettingsFile& file, const std::vector<SettingsValue>& values,
                               bool secret) {
  const std::string folder = directory_of(link_target(file.path));
  if (auto done = make_directories(folder); !done) return done.error();
  const Descriptor lock = lock_folder_of(file.path);
  const Result<Before> before = read_before(file);
  if (!before) return before.error();
  const bool recorded = !before->record || before->record->keys.size() == values.size();
  if (before->old && recorded && file.format->has(*before->old, values)) {
    if (secret) {
      if (const auto closed = close_to_others(file.path); !closed) return closed.error();
    }
    return false;
  }

  Result<EditedSettings> edited = file.format->put(before->text, values);
  if (!edited) return refused(file.path, edited.error());
  edited->record.made_file = !before->old || (before->record && before->record->made_file);
  // The record first: a change without one could not be taken back.
  const auto written = write_file(record_file(file.path), to_json(edited->record), private_mode);
  if (!written) return written.error();
  if (auto done = replace(file.path, before->old, edited->text, secret); !done) {
    return done.error();
  }
  return true;
}

Result<void> check_settings(const SettingsFile& file, const std::vector<SettingsValue>& values) {
  const Result<Before> before = read_before(file);
  if (!before) return before.error();
  if (auto edited = file.format->put(before->text, values); !edited) {
    return refused(file.path, edited.error());
  }
  return {};
}

Result<RestoredSettings> take_out_of_settings(const SettingsFile& file) {
  const Descriptor lock = lock_folder_of(file.path);
  const Result<std::optional<std::string>> old = read_file(file.path, settings_bytes_max);
  if (!old) return refused(file.path, old.error());
  const Result<std::optional<SettingsRecord>> record = load_record(file.path);
  if (!record) return record.error();

  if (!*old) {
    if (auto done = delete_file(record_file(file.path)); !done) return done.error();
    return RestoredSettings{};
  }
  const std::string& text = **old;
  Result<RestoredSettings> restored =
      file.format->take_back(text, *record                 ? **record
                                   : file.guess == nullptr ? SettingsRecord()
                                                           : file.guess(text));
  if (!restored) return refused(file.path, restored.error());

  if (restored->empty) {
    if (auto done = write_file(backup_file(file.path), text, private_mode); !done) {
      return done.error();
    }
    if (auto done = delete_file(link_target(file.path)); !done) return done.error();
  } else if (restored->text != text) {
    if (auto done = replace(file.path, *old, restored->text); !done) return done.error();
  }
  if (auto done = delete_file(record_file(file.path)); !done) return done.error();
  return restored;
}

}  // namespace ccrelay::app
