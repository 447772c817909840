#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/config.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>

#include <memory>

namespace ccrelay {

/// Writes a line for each request and each note, as JSON or text, to where LoggingConfig says.
/// Lines are collected and written at turn_ended(). A reader that has stalled never holds the relay
/// up: up to 1 MiB waits for it, lines beyond that are dropped and counted in a later line.
/// Thread-safe. Destroying it writes what is left, for at most a quarter of a second. Ignore
/// SIGPIPE in a program that logs into a pipe.
class [[gnu::visibility("default")]] LogObserver : public Observer {
 public:
  /// Opens the log file anew before the next line, so that it can be renamed and rotated. Does
  /// nothing for stdout and stderr.
  virtual void reopen() = 0;
  /// Lines below this level are not written from now on, unless an operator wants them
  /// (use_level()).
  virtual void set_level(Level level) = 0;
};

/// Opens the output: a file is appended to, and made with mode 0600 when it is missing.
[[gnu::visibility("default")]] Result<std::unique_ptr<LogObserver>> make_log_observer(
    const LoggingConfig& config);

}  // namespace ccrelay
