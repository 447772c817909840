#include "state/rate_window.hpp"

#include "catch.hpp"

using namespace ccrelay;
using state::RateWindow;
using std::chrono::milliseconds;

namespace {
TimePoint at_ms(int ms) {
  return TimePoint(milliseconds(ms));
}
RateWindow limited(std::uint64_t limit) {
  RateWindow window;
  window.set_limit(limit);
  return window;
}
}  // namespace

TEST_CASE("a window lets its limit through and no more", "[state]") {
  RateWindow window = limited(3);
  CHECK(window.has_room(3, at_ms(0)));
  window.add(2, at_ms(0));
  CHECK(window.has_room(1, at_ms(0)));
  CHECK_FALSE(window.has_room(2, at_ms(0)));
  CHECK(window.used(at_ms(0)) == 2);
}

TEST_CASE("a window slides, and what is in one second goes with the last of it", "[state]") {
  RateWindow window = limited(3);
  window.add(1, at_ms(100));
  window.add(1, at_ms(900));
  window.add(1, at_ms(30'000));
  CHECK_FALSE(window.has_room(1, at_ms(60'100)));
  CHECK_FALSE(window.has_room(1, at_ms(60'899)));
  CHECK(window.has_room(2, at_ms(60'900)));
  CHECK_FALSE(window.has_room(3, at_ms(60'900)));
  CHECK(window.has_room(3, at_ms(90'000)));
}

TEST_CASE("a window tells when it will have room", "[state]") {
  RateWindow window = limited(10);
  CHECK(window.free_at(10, at_ms(5)) == at_ms(5));
  window.add(4, at_ms(500));
  window.add(6, at_ms(2'000));
  CHECK(window.free_at(0, at_ms(2'500)) == at_ms(2'500));
  CHECK(window.free_at(1, at_ms(2'500)) == at_ms(60'500));
  CHECK(window.free_at(4, at_ms(2'500)) == at_ms(60'500));
  CHECK(window.free_at(5, at_ms(2'500)) == at_ms(62'000));
  CHECK(window.has_room(5, at_ms(62'000)));
}

TEST_CASE("an amount above the limit passes an empty window only", "[state]") {
  RateWindow window = limited(10);
  CHECK(window.has_room(50, at_ms(0)));
  window.add(1, at_ms(0));
  CHECK_FALSE(window.has_room(50, at_ms(59'999)));
  CHECK(window.free_at(50, at_ms(0)) == at_ms(60'000));
  CHECK(window.has_room(50, at_ms(60'000)));
}

TEST_CASE("a correction counts in the slot of its reservation", "[state]") {
  RateWindow window = limited(10);
  const auto slot = window.add(5, at_ms(0));
  window.add(1, at_ms(10'000));
  CHECK(window.correct(slot, 5, 30, at_ms(20'000)));
  CHECK(window.used(at_ms(20'000)) == 31);
  CHECK_FALSE(window.has_room(0, at_ms(20'000)));
  CHECK(window.free_at(0, at_ms(20'000)) == at_ms(60'000));
  CHECK(window.used(at_ms(60'000)) == 1);
}

TEST_CASE("what has slid out is not corrected", "[state]") {
  RateWindow window = limited(10);
  const auto slot = window.add(5, at_ms(0));
  window.add(3, at_ms(61'000));
  CHECK_FALSE(window.correct(slot, 5, 9, at_ms(61'000)));
  CHECK(window.used(at_ms(61'000)) == 3);
}

TEST_CASE("a new limit finds what was used, also without a limit before", "[state]") {
  RateWindow window;
  window.add(8, at_ms(0));
  CHECK(window.has_room(1'000'000, at_ms(0)));
  window.set_limit(10);
  CHECK_FALSE(window.has_room(3, at_ms(0)));
  window.set_limit(11);
  CHECK(window.has_room(3, at_ms(0)));
}

TEST_CASE("a time before the newest counts as the newest", "[state]") {
  RateWindow window = limited(1);
  window.add(0, at_ms(10'000));
  window.add(1, at_ms(5'000));
  CHECK_FALSE(window.has_room(1, at_ms(69'999)));
  CHECK(window.has_room(1, at_ms(70'000)));
}
