#include "state/silence.hpp"

#include <algorithm>

namespace ccrelay::state {

void Silence::timed_out(TimePoint now) {
  set_back(now);
}

void Silence::overtaken(TimePoint now) {
  if (++overtaken_ >= overtaken_max) set_back(now);
}

void Silence::heard() {
  times_ = overtaken_ = 0;
  until_ = {};
}

bool Silence::asked_last(TimePoint now) const {
  return times_ > 0 && (now < until_ || asked_ > 0);
}

void Silence::set_back(TimePoint now) {
  overtaken_ = 0;
  // Several requests that were waiting at once are one silence.
  if (times_ > 0 && now < until_) return;
  const Duration longest = rest_max;
  Duration pause = rest;
  for (int i = 0; i < times_ && pause < longest; ++i) pause *= 2;
  until_ = now + std::min(pause, longest);
  ++times_;
}

}  // namespace ccrelay::state
