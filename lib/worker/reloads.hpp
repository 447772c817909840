#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/config_load.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ccrelay::worker {

/// What became of reading the configuration again, for whoever asked for it.
struct ReloadOutcome {
  bool taken = false;
  std::string source;                      ///< the file; empty = built in
  std::vector<std::string> changed;        ///< `routing.strategy: failover → round_robin`
  std::vector<std::string> needs_restart;  ///< keys
  std::string mistakes;                    ///< one a line, when it was not taken
  std::vector<ConfigChange> changes = {};  ///< what `changed` says in words
  std::vector<std::string> warnings = {};  ///< of the new one
};

/// How reading the configuration again has gone so far. Of all workers; thread-safe.
class Reloads {
 public:
  struct Figures {
    std::uint64_t success = 0;
    std::uint64_t failure = 0;
    std::uint64_t unchanged = 0;  ///< a file was touched and is what it was
    bool last_successful = true;  ///< the start counts
    WallTime last_success{};      ///< when, or the start
  };
  struct Rejected {
    WallTime time{};
    std::string mistakes;
  };

  /// The relay has started with the configuration that it has.
  void started(WallTime now) {
    const std::lock_guard lock(mutex_);
    figures_.last_success = now;
  }
  void taken(WallTime now) {
    const std::lock_guard lock(mutex_);
    ++figures_.success;
    figures_.last_successful = true;
    figures_.last_success = now;
    rejected_.reset();
  }
  void unchanged() {
    const std::lock_guard lock(mutex_);
    ++figures_.unchanged;
  }
  void rejected(WallTime now, std::string mistakes) {
    const std::lock_guard lock(mutex_);
    ++figures_.failure;
    figures_.last_successful = false;
    rejected_ = Rejected{now, std::move(mistakes)};
  }

  Figures figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
  }
  /// What was found last and could not be used; empty once something could.
  std::optional<Rejected> rejected() const {
    const std::lock_guard lock(mutex_);
    return rejected_;
  }

  using Done = std::function<void(const ReloadOutcome&)>;
  /// Has the configuration read again; thread-safe, and set before anybody is served. `Done` is
  /// called on another thread, if ever: not when the relay is destroyed before. Null: the program
  /// can't read it again.
  std::function<void(Done)> ask;

 private:
  mutable std::mutex mutex_;
  Figures figures_;
  std::optional<Rejected> rejected_;
};

}  // namespace ccrelay::worker
