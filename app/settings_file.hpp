#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "settings_edit.hpp"

namespace ccrelay::app {

/// A file of a client's settings that an init changes and a remove restores. A backup and a record
/// of the change are kept beside it. Whoever changes it holds a lock on its folder; what another
/// program writes at the same time is not overwritten.
struct SettingsFile {
  std::string path;
  const SettingsFormat* format;
  /// What is ours in a text that has no record beside it; none = nothing can be known to be.
  SettingsRecord (*guess)(std::string_view text) = nullptr;
};

/// Puts the values into the file. False when they were all there already. On an error the file is
/// as it was. With a `secret` among them nobody but the owner may read the file from then on.
Result<bool> put_into_settings(const SettingsFile& file, const std::vector<SettingsValue>& values,
                               bool secret = false);

/// Why put_into_settings() would leave the file as it is, as far as that can be known before.
Result<void> check_settings(const SettingsFile& file, const std::vector<SettingsValue>& values);

/// Takes back what the record tells.
Result<RestoredSettings> take_out_of_settings(const SettingsFile& file);

}  // namespace ccrelay::app
