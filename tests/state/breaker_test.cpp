#include "state/breaker.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using State = Breaker::State;
using Outcome = Breaker::Mark;

namespace {

TimePoint at(int s) {
  return TimePoint(seconds(s));
}

std::string text(const std::optional<Transition>& transition) {
  if (!transition) return "none";
  return std::string(to_string(transition->from)) + " to " + std::string(to_string(transition->to));
}

/// One request from its beginning to its end.
std::string pass(Breaker& breaker, Outcome outcome, TimePoint now) {
  const auto permit = breaker.admit(now);
  return permit ? text(breaker.settle(*permit, outcome, now)) : "refused";
}

void fail(Breaker& breaker, int times, TimePoint now) {
  for (int i = 0; i < times; ++i) pass(breaker, Outcome::failure, now);
}

/// One that opened at 0; half-open from 30 on.
Breaker opened() {
  Breaker breaker;
  fail(breaker, 5, at(0));
  return breaker;
}

}  // namespace

TEST_CASE("each state meets each event in its own way", "[state]") {
  enum class Start { fresh, one_failure_left, open, half_open, one_success_left };
  struct Case {
    const char* what;
    Start start;
    Outcome outcome;  // of a request that has its place from the start, forced if need be
    const char* transition;
    State after;
    bool admits;
    int failures;
  };
  const Case cases[] = {
      {"success", Start::fresh, Outcome::success, "none", State::closed, true, 0},
      {"neutral", Start::fresh, Outcome::neutral, "none", State::closed, true, 0},
      {"failure", Start::fresh, Outcome::failure, "none", State::closed, true, 1},
      {"success", Start::one_failure_left, Outcome::success, "none", State::closed, true, 0},
      {"neutral", Start::one_failure_left, Outcome::neutral, "none", State::closed, true, 4},
      {"failure", Start::one_failure_left, Outcome::failure, "closed to open", State::open, false,
       5},
      {"success", Start::open, Outcome::success, "open to half_open", State::half_open, true, 0},
      {"neutral", Start::open, Outcome::neutral, "none", State::open, false, 5},
      {"failure", Start::open, Outcome::failure, "none", State::open, false, 5},
      {"success", Start::half_open, Outcome::success, "none", State::half_open, true, 0},
      {"neutral", Start::half_open, Outcome::neutral, "none", State::half_open, true, 5},
      {"failure", Start::half_open, Outcome::failure, "half_open to open", State::open, false, 6},
      {"success", Start::one_success_left, Outcome::success, "half_open to closed", State::closed,
       true, 0},
      {"neutral", Start::one_success_left, Outcome::neutral, "none", State::half_open, true, 0},
      {"failure", Start::one_success_left, Outcome::failure, "half_open to open", State::open,
       false, 1},
  };
  for (const Case& each : cases) {
    INFO(each.what << " from " << static_cast<int>(each.start));
    Breaker breaker;
    TimePoint now = at(1);
    if (each.start != Start::fresh) fail(breaker, 4, at(0));
    if (each.start >= Start::open) fail(breaker, 1, at(0));
    if (each.start >= Start::half_open) now = at(30);
    if (each.start == Start::one_success_left) {
      for (int i = 0; i < 2; ++i) pass(breaker, Outcome::success, now);
    }
    const auto permit = breaker.force(now);
    CHECK(text(breaker.settle(permit, each.outcome, now)) == each.transition);
    CHECK(breaker.state(now) == each.after);
    CHECK(breaker.would_admit(now) == each.admits);
    CHECK(breaker.admit(now).has_value() == each.admits);
    CHECK(breaker.failures() == each.failures);
  }
}

TEST_CASE("only failures in a row open it", "[state]") {
  Breaker breaker;
  fail(breaker, 4, at(0));
  CHECK(breaker.failures() == 4);
  pass(breaker, Outcome::success, at(0));
  CHECK(breaker.failures() == 0);
  fail(breaker, 4, at(0));
  CHECK(breaker.state(at(0)) == State::closed);
  // What says nothing of the provider neither counts nor makes good.
  pass(breaker, Outcome::neutral, at(0));
  CHECK(pass(breaker, Outcome::failure, at(0)) == "closed to open");
  CHECK(pass(breaker, Outcome::success, at(0)) == "refused");
}

TEST_CASE("failures long ago count as long as nothing went well since", "[state]") {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) fail(breaker, 1, at(i * 3600));
  CHECK(breaker.state(at(4 * 3600)) == State::open);
}

TEST_CASE("it is open until its time is over, to the nanosecond", "[state]") {
  Breaker breaker = opened();
  CHECK(breaker.half_open_at() == at(30));
  CHECK(breaker.state(at(30) - nanoseconds(1)) == State::open);
  CHECK_FALSE(breaker.admit(at(30) - nanoseconds(1)));
  CHECK(breaker.state(at(30)) == State::half_open);
  CHECK(breaker.would_admit(at(30)));
  CHECK(breaker.admit(at(30)));
}

TEST_CASE("half-open it holds only a few at once, until they end", "[state]") {
  // In the older relay a permit was given back at once: it limited nothing.
  Breaker breaker = opened();
  std::vector<Breaker::Permit> inside;
  for (int i = 0; i < 3; ++i) {
    const auto permit = breaker.admit(at(30));
    REQUIRE(permit);
    inside.push_back(*permit);
  }
  CHECK_FALSE(breaker.would_admit(at(30)));
  CHECK_FALSE(breaker.admit(at(3000)));
  breaker.settle(inside[0], Outcome::success, at(31));
  CHECK(breaker.admit(at(31)));
  CHECK_FALSE(breaker.admit(at(31)));
}

TEST_CASE("what says nothing gives its place back while half-open", "[state]") {
  Breaker breaker = opened();
  for (int i = 0; i < 10; ++i) CHECK(pass(breaker, Outcome::neutral, at(30)) == "none");
  CHECK(breaker.state(at(30)) == State::half_open);
  for (int i = 0; i < 2; ++i) CHECK(pass(breaker, Outcome::success, at(30)) == "none");
  pass(breaker, Outcome::neutral, at(30));
  CHECK(pass(breaker, Outcome::success, at(30)) == "half_open to closed");
}

TEST_CASE("each failure while half-open doubles the open time, up to five minutes", "[state]") {
  Breaker breaker = opened();
  TimePoint now = at(30);
  for (const int open_for : {60, 120, 240, 300, 300}) {
    CHECK(pass(breaker, Outcome::failure, now) == "half_open to open");
    CHECK(breaker.half_open_at() == now + seconds(open_for));
    now = breaker.half_open_at();
  }
  // A recovery on trial is none.
  for (int i = 0; i < 2; ++i) pass(breaker, Outcome::success, now);
  CHECK(pass(breaker, Outcome::failure, now) == "half_open to open");
  CHECK(breaker.half_open_at() == now + minutes(5));
}

TEST_CASE("after a recovery the open time begins anew", "[state]") {
  Breaker breaker = opened();
  fail(breaker, 1, at(30));
  for (int i = 0; i < 3; ++i) pass(breaker, Outcome::success, at(90));
  CHECK(breaker.state(at(90)) == State::closed);
  CHECK(breaker.failures() == 0);
  fail(breaker, 4, at(91));
  CHECK(breaker.state(at(91)) == State::closed);
  fail(breaker, 1, at(91));
  CHECK(breaker.half_open_at() == at(121));
}

TEST_CASE("a configured open time of more than five minutes is kept and not doubled", "[state]") {
  Breaker breaker;
  breaker.configure({1, minutes(10), 1});
  fail(breaker, 1, at(0));
  CHECK(breaker.half_open_at() == at(600));
  fail(breaker, 1, at(600));
  CHECK(breaker.half_open_at() == at(1200));
}

TEST_CASE("what began before the breaker opened does not disturb what comes after", "[state]") {
  for (const Outcome late : {Outcome::success, Outcome::failure, Outcome::neutral}) {
    INFO(static_cast<int>(late));
    Breaker breaker;
    std::vector<Breaker::Permit> old;
    for (int i = 0; i < 6; ++i) old.push_back(*breaker.admit(at(0)));
    fail(breaker, 5, at(0));
    CHECK(text(breaker.settle(old[0], late, at(1))) == "none");
    CHECK(breaker.state(at(1)) == State::open);
    CHECK(breaker.half_open_at() == at(30));
    // The end of the open time has not been noticed by anybody yet.
    CHECK(text(breaker.settle(old[1], late, at(30))) == "none");
    // All places of the half-open one stay taken.
    for (int i = 0; i < 3; ++i) old.push_back(*breaker.admit(at(30)));
    CHECK(text(breaker.settle(old[2], late, at(30))) == "none");
    CHECK(breaker.state(at(30)) == State::half_open);
    CHECK_FALSE(breaker.would_admit(at(30)));
    for (int i = 6; i < 9; ++i) breaker.settle(old[i], Outcome::success, at(31));
    CHECK(breaker.state(at(31)) == State::closed);
    fail(breaker, 4, at(31));
    CHECK(text(breaker.settle(old[3], late, at(32))) == "none");
    CHECK(breaker.failures() == 4);
  }
}

TEST_CASE("places of an earlier half-open time are not those of a later one", "[state]") {
  Breaker breaker = opened();
  const auto one = *breaker.admit(at(30)), other = *breaker.admit(at(30));
  breaker.settle(one, Outcome::failure, at(31));
  for (int i = 0; i < 3; ++i) REQUIRE(breaker.admit(at(91)));
  CHECK(text(breaker.settle(other, Outcome::failure, at(92))) == "none");
  CHECK_FALSE(breaker.would_admit(at(92)));
  CHECK(breaker.state(at(92)) == State::half_open);
}

TEST_CASE("a good check makes it half-open before its time", "[state]") {
  // The older relay threw the result away.
  Breaker breaker = opened();
  CHECK(text(breaker.check_succeeded(at(1))) == "open to half_open");
  CHECK(breaker.state(at(1)) == State::half_open);
  // A check is no request: it doesn't count as a success, nor a second time.
  CHECK(text(breaker.check_succeeded(at(1))) == "none");
  for (int i = 0; i < 2; ++i) CHECK(pass(breaker, Outcome::success, at(1)) == "none");
  CHECK(pass(breaker, Outcome::success, at(1)) == "half_open to closed");
  CHECK(text(breaker.check_succeeded(at(1))) == "none");
  CHECK(breaker.state(at(1)) == State::closed);
}

TEST_CASE("after a good check a failure still doubles the open time", "[state]") {
  Breaker breaker = opened();
  breaker.check_succeeded(at(1));
  fail(breaker, 1, at(2));
  CHECK(breaker.half_open_at() == at(62));
}

TEST_CASE("a forced request is admitted whatever the state", "[state]") {
  Breaker breaker = opened();
  const auto forced = breaker.force(at(1));
  CHECK(breaker.state(at(1)) == State::open);
  CHECK(text(breaker.settle(forced, Outcome::failure, at(2))) == "none");
  CHECK(breaker.half_open_at() == at(30));
  // While half-open it takes one of the places, or one more than there are.
  std::vector<Breaker::Permit> inside;
  for (int i = 0; i < 4; ++i) inside.push_back(breaker.force(at(30)));
  CHECK_FALSE(breaker.admit(at(30)));
  breaker.settle(inside[0], Outcome::neutral, at(30));
  CHECK_FALSE(breaker.admit(at(30)));
  breaker.settle(inside[1], Outcome::neutral, at(30));
  CHECK(breaker.admit(at(30)));
}

TEST_CASE("a forced request that ends when the open time is over says nothing more", "[state]") {
  for (const Outcome outcome : {Outcome::success, Outcome::failure}) {
    Breaker breaker = opened();
    const auto forced = breaker.force(at(1));
    CHECK(text(breaker.settle(forced, outcome, at(30))) == "none");
    CHECK(breaker.state(at(30)) == State::half_open);
    CHECK(breaker.failures() == 5);
  }
}

TEST_CASE("new settings count from the next call on and forget nothing", "[state]") {
  Breaker breaker;
  fail(breaker, 3, at(0));
  breaker.configure({4, seconds(10), 1});
  CHECK(pass(breaker, Outcome::failure, at(0)) == "closed to open");
  CHECK(breaker.half_open_at() == at(10));
  breaker.configure({4, seconds(50), 2});
  CHECK(breaker.half_open_at() == at(10));
  CHECK(pass(breaker, Outcome::success, at(10)) == "none");
  breaker.configure({4, seconds(50), 1});
  CHECK(pass(breaker, Outcome::success, at(10)) == "half_open to closed");
}

TEST_CASE("settings below 1 work as 1, and the breaker can close again", "[state]") {
  Breaker breaker;
  breaker.configure({0, seconds(30), 0});
  pass(breaker, Outcome::success, at(0));
  CHECK(breaker.state(at(0)) == State::closed);
  CHECK(pass(breaker, Outcome::failure, at(0)) == "closed to open");
  CHECK(pass(breaker, Outcome::neutral, at(30)) == "none");
  CHECK(pass(breaker, Outcome::success, at(30)) == "half_open to closed");
}

TEST_CASE("states have names for logs and status", "[state]") {
  CHECK(to_string(State::closed) == "closed");
  CHECK(to_string(State::open) == "open");
  CHECK(to_string(State::half_open) == "half_open");
}
