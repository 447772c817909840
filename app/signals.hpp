#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

namespace ccrelay::app {

/// The signals of `serve`, taken one at a time by the thread that makes this object, which is
/// before any other thread is started: they inherit that these signals are blocked. SIGPIPE is
/// ignored.
class Signals {
 public:
  /// What poke() makes next() return.
  static constexpr int poked = SIGUSR2;

  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Waits for SIGINT, SIGTERM, SIGHUP, SIGUSR1 or a poke(); 0 when none came in that time.
  int next(std::optional<std::chrono::microseconds> longest = {});
  /// Thread-safe.
  void poke();

 private:
  sigset_t set_;
  pthread_t thread_;
};

}  // namespace ccrelay::app
