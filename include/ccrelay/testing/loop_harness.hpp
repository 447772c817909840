#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/testing/manual_clock.hpp>

#include <chrono>
#include <functional>
#include <memory>

struct uv_loop_s;

namespace ccrelay::testing {

/// One libuv loop with a manual clock, on which a relay, fake providers and clients of a test live
/// together in one thread. Its destructor fails hard (abort with a list) when a handle was left
/// open: declare it before everything that uses it.
class [[gnu::visibility("default")]] LoopHarness {
 public:
  LoopHarness();
  ~LoopHarness();
  LoopHarness(const LoopHarness&) = delete;
  LoopHarness& operator=(const LoopHarness&) = delete;

  uv_loop_s& loop();
  const Clock& clock() const;

  /// Turns the loop until `done` says so. False after `watchdog` of real time: the test hangs. It
  /// is far above what any test takes, because a machine may be slow and busy.
  [[nodiscard]] bool run_until(const std::function<bool()>& done,
                               std::chrono::seconds watchdog = std::chrono::seconds(180));
  /// Turns the loop until nothing is ready any more, which takes some real milliseconds. For
  /// asserting that nothing more happens; to wait for something to happen, run_until() is the one
  /// to use.
  void settle();
  /// Moves the manual clock, then settles.
  void advance(Duration by);
  /// Moves the manual clock while the loop waits in its next turn: what was sent to its sockets
  /// before this call is handled at the old time, what is sent from here on at the new one. So ends
  /// a silence, and so does the time pass that a long callback takes between two others.
  void advance_in_wait(Duration by);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::testing
