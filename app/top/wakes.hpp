#pragma once

#include <array>

namespace ccrelay::app::top {

/// Signals of a program that draws, as something that can be waited for together with keys and
/// connections. One object at most; what was there before comes back with its end.
class Wakes {
 public:
  Wakes();
  ~Wakes();
  Wakes(const Wakes&) = delete;
  Wakes& operator=(const Wakes&) = delete;

  /// Can be read when next() has something.
  int descriptor() const { return ends_[0]; }
  /// SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP or SIGINT; 0 when none came.
  int next();
  /// Stops the process as SIGTSTP does without a handler; returns when it goes on.
  void stop_here();

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace ccrelay::app::top
