#include "state/breaker.hpp"

#include <algorithm>

namespace ccrelay::state {

Breaker::State Breaker::state(TimePoint now) const {
  return state_ == State::open && now >= half_open_at_ ? State::half_open : state_;
}

bool Breaker::would_admit(TimePoint now) const {
  switch (state(now)) {
    case State::closed:
      return true;
    case State::open:
      return false;
    case State::half_open:
      // Of the period that begins with the time's passing nobody has been admitted yet.
      return state_ == State::open || admitted_ < std::max(settings_.half_open_probes, 1);
  }
  return false;
}

std::optional<Breaker::Permit> Breaker::admit(TimePoint now) {
  if (!would_admit(now)) return {};
  return force(now);
}

Breaker::Permit Breaker::force(TimePoint now) {
  catch_up(now);
  if (state_ == State::half_open) ++admitted_;
  return {period_};
}

std::optional<Breaker::Transition> Breaker::settle(Permit permit, Mark mark, TimePoint now) {
  catch_up(now);
  // What began before the present period tells of a time that is over.
  if (permit.period != period_) return {};
  if (mark == Mark::success) failures_ = 0;
  switch (state_) {
    case State::closed:
      if (mark != Mark::failure) return {};
      if (++failures_ < settings_.failure_threshold) return {};
      opened_for_ = settings_.open_duration;
      open(now);
      return Transition{State::closed, State::open};
    case State::half_open:
      --admitted_;
      if (mark == Mark::neutral) return {};
      if (mark == Mark::failure) {
        ++failures_;
        opened_for_ =
            std::min(opened_for_ * 2, std::max(open_duration_max, settings_.open_duration));
        open(now);
        return Transition{State::half_open, State::open};
      }
      if (++successes_ < settings_.half_open_probes) return {};
      become(State::closed);
      return Transition{State::half_open, State::closed};
    case State::open:
      // Forced in: a success shows more than any check.
      if (mark != Mark::success) return {};
      return check_succeeded(now);
  }
  return {};
}

std::optional<Breaker::Transition> Breaker::check_succeeded(TimePoint now) {
  catch_up(now);
  if (state_ != State::open) return {};
  become(State::half_open);
  return Transition{State::open, State::half_open};
}

bool Breaker::reset() {
  if (state_ == State::closed && failures_ == 0) return false;
  become(State::closed);
  failures_ = 0;
  return true;
}

// The end of the open time is noticed when somebody comes.
void Breaker::catch_up(TimePoint now) {
  if (state_ == State::open && now >= half_open_at_) become(State::half_open);
}

void Breaker::open(TimePoint now) {
  become(State::open);
  ++opened_;
  half_open_at_ = now + opened_for_;
}

void Breaker::become(State state) {
  state_ = state;
  ++period_;
  successes_ = 0;
  admitted_ = 0;
}

std::string_view to_string(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed:
      return "closed";
    case Breaker::State::open:
      return "open";
    case Breaker::State::half_open:
      return "half_open";
  }
  return "?";
}

}  // namespace ccrelay::state
