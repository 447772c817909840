#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "worker/shared.hpp"

namespace ccrelay::relay {

/// What was read, and what was in it.
struct FilesRead {
  std::vector<SourceFile> config;  ///< the configuration's, those that it names by `${file:}` too
  std::vector<SourceFile> tls;     ///< of [server.tls] and [manage.tls]

  bool operator==(const FilesRead&) const = default;
};

/// What is in these files now. Blocks for as long as it takes to read them.
std::vector<SourceFile> as_they_are_now(std::vector<SourceFile> files);

/// The files of certificates as they are now. Blocks for a few KiB.
std::vector<SourceFile> files_of(const Config& config);

/// What a job needs of the relay and of the program. Called on the job's thread; thread-safe.
struct ReloadCalls {
  std::function<ConfigReading()> read;              ///< null: only the certificate is read again
  std::function<Result<void>(Config config)> load;  ///< takes it, or says what is wrong
  std::function<void(const Config* config)> ended;  ///< may be null; of RelayOptions::reloaded
  /// Reads the certificate of the management again and takes it: its warnings; nothing where there
  /// is none.
  std::function<Result<std::optional<std::vector<std::string>>>()> manage_certificate;
};

struct JobOrder {
  FilesRead last;         ///< what was read last
  bool always = false;    ///< also when nothing of that is another
  bool second = false;    ///< a mistake counts
  bool may_miss = false;  ///< a file that is missing, or empty, counts
};

struct JobResult {
  enum class Kind {
    unchanged,
    missing,  ///< a file that was there, or all that was in it; that does not count yet
    again,    ///< there is a mistake, and it does not count yet
    rejected,
    certificate,  ///< was taken, as nothing else has changed
    taken,
  };
  Kind kind = Kind::unchanged;
  FilesRead files;                ///< what was read; of `taken` Relay::Parts tells
  std::string mistakes;           ///< of `rejected`
  bool is_missing = false;        ///< a file is, and no more is wrong
  bool only_certificate = false;  ///< was read, as nothing else has changed
  std::string source;
  std::vector<ConfigChange> changes;
  std::vector<ConfigChange> restart;  ///< against the configuration of the start
  std::vector<std::string> warnings;
};

/// Looks whether files have changed, and takes what they say. Blocks; any thread.
JobResult run_job(const JobOrder& order, const ReloadCalls& calls, worker::Shared& shared,
                  const Config& started_with, WallTime now);

}  // namespace ccrelay::relay
