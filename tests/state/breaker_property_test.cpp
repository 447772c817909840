#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"
#include "state/breaker.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using State = Breaker::State;
using Outcome = Breaker::Mark;

namespace {

/// What a breaker should do, told the slow way: it knows each request by name and looks at the
/// clock at every step.
class Model {
 public:
  Breaker::Settings settings;
  State state = State::closed;
  TimePoint open_until{};
  Duration open_time{};
  int failures_in_a_row = 0;
  std::set<int> inside;  ///< admitted since the state last changed, and not ended
  int went_well = 0;

  void look_at_clock(TimePoint now) {
    if (state == State::open && now >= open_until) change(State::half_open);
  }

  bool admits() const {
    if (state == State::half_open) {
      return inside.size() < static_cast<std::size_t>(settings.half_open_probes);
    }
    return state == State::closed;
  }

  void end(int id, Outcome outcome, TimePoint now) {
    if (inside.erase(id) == 0 || outcome == Outcome::neutral) return;
    if (outcome == Outcome::success) {
      failures_in_a_row = 0;
      if (state == State::open) {
        change(State::half_open);
      } else if (state == State::half_open && ++went_well >= settings.half_open_probes) {
        change(State::closed);
      }
    } else if (state != State::open) {
      ++failures_in_a_row;
      if (state == State::half_open) {
        const Duration most = std::max<Duration>(minutes(5), settings.open_duration);
        open_time = std::min<Duration>(open_time + open_time, most);
        open_until = now + open_time;
        change(State::open);
      } else if (failures_in_a_row >= settings.failure_threshold) {
        open_time = settings.open_duration;
        open_until = now + open_time;
        change(State::open);
      }
    }
  }

  void check_succeeded() {
    if (state == State::open) change(State::half_open);
  }

 private:
  void change(State to) {
    state = to;
    inside.clear();
    went_well = 0;
  }
};

/// A breaker, driven at random beside its model.
class Walk {
 public:
  explicit Walk(base::Rng& rng) : rng_(rng) {}

  void step() {
    if (rng_.below(100) == 0) weather_ = rng_.below(10);
    let_time_pass();
    const auto what = rng_.below(100);
    if (what < 45)
      admit();
    else if (what < 50)
      force();
    else if (what < 97)
      settle();
    else if (what < 99)
      check_succeeded();
    else
      configure();
    compare();
  }

  std::map<std::pair<State, State>, int> changes;
  int refused = 0, late = 0, full = 0, longest = 0;

 private:
  void let_time_pass() {
    const TimePoint end = breaker_.half_open_at();
    switch (rng_.below(40)) {
      case 0:
        now_ += seconds(rng_.below(100));
        break;
      case 1:
        now_ = std::max(now_, end);
        break;
      case 2:
        now_ = std::max(now_, end - nanoseconds(1));
        break;
      default:
        now_ += nanoseconds(rng_.below(1'000'000'000));
    }
    model_.look_at_clock(now_);
  }

  void admit() {
    const bool expected = model_.admits();
    const auto permit = breaker_.admit(now_);
    REQUIRE(permit.has_value() == expected);
    if (!permit) {
      ++refused;
      full += model_.state == State::half_open;
      return;
    }
    enter(*permit);
    if (model_.state == State::half_open) {
      REQUIRE(model_.inside.size() <= static_cast<std::size_t>(model_.settings.half_open_probes));
    }
  }

  void force() { enter(breaker_.force(now_)); }

  void enter(Breaker::Permit permit) {
    model_.inside.insert(next_id_);
    running_.emplace_back(next_id_++, permit);
  }

  void settle() {
    if (running_.empty()) return;
    // Mostly one of the last: the first ones stay for long and tell of times that are over.
    const auto back = std::min(rng_.below(running_.size()), rng_.below(running_.size()));
    const auto chosen = running_.end() - 1 - static_cast<std::ptrdiff_t>(back);
    const auto [id, permit] = *chosen;
    running_.erase(chosen);
    const auto dice = rng_.below(10);
    const Outcome outcome = rng_.below(6) == 0 ? Outcome::neutral
                            : dice < weather_  ? Outcome::failure
                                               : Outcome::success;
    late += !model_.inside.contains(id);
    const State before = model_.state;
    model_.end(id, outcome, now_);
    told(breaker_.settle(permit, outcome, now_), before);
    if (before != State::open && model_.state == State::open) {
      longest += model_.open_time == minutes(5);
    }
  }

  void check_succeeded() {
    const State before = model_.state;
    model_.check_succeeded();
    told(breaker_.check_succeeded(now_), before);
  }

  void configure() {
    model_.settings = {1 + static_cast<int>(rng_.below(6)), seconds(1 + rng_.below(60)),
                       1 + static_cast<int>(rng_.below(4))};
    breaker_.configure(model_.settings);
  }

  void told(const std::optional<Transition>& transition, State before) {
    REQUIRE(transition.has_value() == (model_.state != before));
    if (!transition) return;
    REQUIRE(transition->from == before);
    REQUIRE(transition->to == model_.state);
    ++changes[{before, model_.state}];
  }

  // A REQUIRE for each of so many checks would take most of the time.
  void compare() const {
    if (breaker_.state(now_) == model_.state && breaker_.would_admit(now_) == model_.admits() &&
        breaker_.failures() == model_.failures_in_a_row &&
        (model_.state != State::open || breaker_.half_open_at() == model_.open_until)) {
      return;
    }
    FAIL(to_string(breaker_.state(now_))
         << " instead of " << to_string(model_.state) << ", admits " << breaker_.would_admit(now_)
         << " instead of " << model_.admits() << ", " << breaker_.failures()
         << " failures instead of " << model_.failures_in_a_row);
  }

  base::Rng& rng_;
  TimePoint now_ = TimePoint(seconds(1000));
  std::uint64_t weather_ = 5;  ///< of ten requests so many fail
  Breaker breaker_;
  Model model_;
  int next_id_ = 0;
  std::vector<std::pair<int, Breaker::Permit>> running_;
};

}  // namespace

TEST_CASE("whatever happens, a breaker does as its model", "[state]") {
  for (const std::uint64_t seed : {97u, 101u, 103u, 107u, 109u}) {
    base::Rng rng(seed);
    Walk walk(rng);
    for (int step = 0; step < 10'000; ++step) {
      INFO("seed " << seed << ", step " << step);
      walk.step();
    }
    // Else there was nothing to see.
    INFO("seed " << seed);
    CHECK(walk.changes[{State::closed, State::open}] > 20);
    CHECK(walk.changes[{State::half_open, State::open}] > 40);
    CHECK(walk.changes[{State::half_open, State::closed}] > 20);
    CHECK(walk.changes[{State::open, State::half_open}] > 40);
    CHECK(walk.refused > 500);
    CHECK(walk.full > 50);
    CHECK(walk.late > 200);
    CHECK(walk.longest > 5);
  }
}
