#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "loop/loop.hpp"

namespace ccrelay::loop {

/// How a command ended.
struct ChildOutcome {
  int exit_status = 0;
  int signal = 0;         ///< that ended it, 0 if none did
  bool too_long = false;  ///< it wrote more than was allowed, and was killed
  std::string output;     ///< what it wrote to its standard output
};

/// A shell command (`/bin/sh -c`) that runs beside the loop, in a process group of its own, with
/// the process's environment, no input, and its standard error unread. Destroying it kills the
/// whole group and waits for the shell to be gone, which SIGKILL makes a matter of microseconds.
/// Loop's thread.
class ChildProcess {
 public:
  /// Calls `on_done` once, from the loop, when the command has ended and its output is closed; it
  /// may destroy this object.
  static Result<std::unique_ptr<ChildProcess>> start(Loop& loop, const std::string& command,
                                                     std::size_t output_bytes_max,
                                                     std::function<void(ChildOutcome)> on_done);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

 private:
  struct Block;
  ChildProcess(std::size_t output_bytes_max, std::function<void(ChildOutcome)> on_done);
  int spawn(Loop& loop, const std::string& command);
  void on_output(const char* bytes, std::ptrdiff_t size);
  void on_exit(int status, int signal);
  void finish_if_ended();
  void kill_group();

  const std::size_t output_bytes_max_;
  std::function<void(ChildOutcome)> on_done_;
  ChildOutcome outcome_;
  Block* block_;
  int pid_ = 0;    // 0: not running (any more)
  int group_ = 0;  // 0: nothing of it is known to run
  bool output_open_ = false;
};

}  // namespace ccrelay::loop
