#pragma once

#include <ccrelay/result.hpp>

#include <sys/types.h>

#include <memory>
#include <string>

#include "http_get.hpp"

namespace ccrelay::app {

/// A `cc-relay serve` of our own in a child process: in a session of its own, so that Ctrl-C in the
/// terminal does not reach it, and writing to a log file. Destroying it stops it; on Linux it also
/// stops when this process dies.
class BackgroundRelay {
 public:
  /// Returns when it answers at `place`. `config` is passed on when not empty.
  static Result<std::unique_ptr<BackgroundRelay>> start(const std::string& config,
                                                        const RelayPlace& place);
  ~BackgroundRelay();
  BackgroundRelay(const BackgroundRelay&) = delete;
  BackgroundRelay& operator=(const BackgroundRelay&) = delete;

  const std::string& log_file() const { return log_file_; }

 private:
  BackgroundRelay(pid_t process, std::string log_file)
      : process_(process), log_file_(std::move(log_file)) {}
  bool has_ended();

  pid_t process_;  // -1 once it has been waited for
  std::string log_file_;
};

}  // namespace ccrelay::app
