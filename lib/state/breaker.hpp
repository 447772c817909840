#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ccrelay::state {

/// Shuts a provider out that fails again and again. Closed until `failure_threshold` failures come
/// in a row; then open, which admits nobody; after a while half-open, which admits a few at once;
/// after as many successes closed again. A failure while half-open opens it for twice as long as
/// before, up to five minutes. Pure; not thread-safe.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  enum class Mark : std::uint8_t {
    success,
    failure,
    neutral,  ///< says nothing of the provider: the request's fault, or the client left
  };
  struct Settings {
    int failure_threshold = 5;
    Duration open_duration = std::chrono::seconds(30);
    int half_open_probes = 3;
  };
  static constexpr Duration open_duration_max = std::chrono::minutes(5);

  struct Transition {
    State from;
    State to;
  };
  /// A place among those admitted; given back by settle(), exactly once.
  struct Permit {
    std::uint64_t period = 0;  // which stretch of one state it belongs to
  };

  /// As of the next call; what has happened stays counted.
  void configure(const Settings& settings) { settings_ = settings; }

  State state(TimePoint now) const;
  bool would_admit(TimePoint now) const;
  /// Empty when it admits nobody now.
  std::optional<Permit> admit(TimePoint now);
  /// For a provider without alternative: admitted whatever the state.
  Permit force(TimePoint now);
  /// What came of it. A permit from an earlier period is no news of the present one, except that a
  /// success or failure of a forced permit counts for the period it was given in.
  std::optional<Transition> settle(Permit permit, Mark mark, TimePoint now);
  /// An active check went well: open becomes half-open at once.
  std::optional<Transition> check_succeeded(TimePoint now);

  /// Closed, as if nothing had happened; what runs is no news of it. False if it was so.
  bool reset();

  /// When open: the moment from which it is half-open.
  TimePoint half_open_at() const { return half_open_at_; }
  /// Failures in a row.
  int failures() const { return failures_; }
  /// How often it has opened.
  std::uint64_t opened() const { return opened_; }
  int failure_threshold() const { return settings_.failure_threshold; }

 private:
  void catch_up(TimePoint now);
  void become(State state);
  void open(TimePoint now);

  Settings settings_;
  State state_ = State::closed;
  std::uint64_t period_ = 0;
  int failures_ = 0;
  int successes_ = 0;  // while half-open
  int admitted_ = 0;   // while half-open, at once
  Duration opened_for_{};
  TimePoint half_open_at_{};
  std::uint64_t opened_ = 0;
};

using Transition = Breaker::Transition;

std::string_view to_string(Breaker::State state);

}  // namespace ccrelay::state
