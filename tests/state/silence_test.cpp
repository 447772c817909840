#include "state/silence.hpp"

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::seconds;

namespace {

TimePoint at(int s) {
  return TimePoint(seconds(s));
}

}  // namespace

TEST_CASE("whoever was silent is asked last for a while, then by one at a time") {
  Silence silence;
  CHECK_FALSE(silence.asked_last(at(0)));
  silence.timed_out(at(0));
  CHECK(silence.times() == 1);
  CHECK(silence.asked_last(at(29)));
  CHECK_FALSE(silence.asked_last(at(30)));
  silence.asked();
  CHECK(silence.asked_last(at(30)));
  silence.over();
  CHECK_FALSE(silence.asked_last(at(30)));
  silence.heard();
  silence.asked();
  CHECK_FALSE(silence.asked_last(at(31)));
  CHECK(silence.times() == 0);
}

TEST_CASE("each silence in a row sets back for twice as long, up to five minutes") {
  Silence silence;
  int now = 0;
  for (const int pause : {30, 60, 120, 240, 300, 300}) {
    silence.timed_out(at(now));
    CHECK(silence.until() == at(now + pause));
    now += pause;
  }
}

TEST_CASE("requests that waited at once are one silence") {
  Silence silence;
  silence.timed_out(at(0));
  silence.timed_out(at(1));
  CHECK(silence.times() == 1);
  CHECK(silence.until() == at(30));
}

TEST_CASE("others may be faster twice in a row") {
  Silence silence;
  silence.overtaken(at(0));
  silence.overtaken(at(1));
  CHECK_FALSE(silence.asked_last(at(1)));
  silence.heard();
  silence.overtaken(at(2));
  silence.overtaken(at(3));
  CHECK_FALSE(silence.asked_last(at(3)));
  silence.overtaken(at(4));
  CHECK(silence.asked_last(at(4)));
}
