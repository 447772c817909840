#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

namespace ccrelay {
class Relay;
}

namespace ccrelay::app {

/// What a service manager with a watchdog (systemd.service(5), WatchdogSec=) wants to hear: that
/// the relay lives, twice in each of its intervals. It is said by the last worker whose loop has
/// come round to the question, so one that hangs ends it. Belongs to the thread that makes it.
class Watchdog {
 public:
  /// By $WATCHDOG_USEC, which is for the process of $WATCHDOG_PID (sd_watchdog_enabled(3)).
  explicit Watchdog(Relay& relay);

  /// How long until the next ask(); nothing where nobody wants to know.
  std::optional<std::chrono::microseconds> until_due() const;
  /// Asks the workers. While they owe an answer nothing is asked again.
  void ask();

 private:
  Relay& relay_;
  std::optional<std::chrono::microseconds> interval_;
  std::chrono::steady_clock::time_point due_;
  std::shared_ptr<std::atomic<bool>> asked_;  // the workers' too, who may answer later than we live
};

}  // namespace ccrelay::app
