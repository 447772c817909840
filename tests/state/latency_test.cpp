#include "state/latency.hpp"

#include <cmath>

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

TimePoint at(int s) {
  return TimePoint(seconds(s));
}

double ms(const Latency& latency, TimePoint now) {
  return std::chrono::duration<double, std::milli>(latency.average(now).value()).count();
}

/// What a second sample of 1000 ms makes of a first of 0 ms, so much later.
double weight_after(Duration age) {
  Latency latency;
  latency.add(milliseconds(0), at(0));
  latency.add(milliseconds(1000), at(0) + age);
  return ms(latency, at(0) + age) / 1000;
}

}  // namespace

TEST_CASE("nothing is known before the first sample, which is the average then", "[state]") {
  Latency latency;
  CHECK_FALSE(latency.average(at(0)));
  latency.add(milliseconds(700), at(0));
  CHECK(latency.average(at(0)) == Duration(milliseconds(700)));
  CHECK(latency.average(at(100)) == Duration(milliseconds(700)));
}

TEST_CASE("a sample weighs the more the older the last one is", "[state]") {
  CHECK(weight_after(seconds(0)) == Approx(0.1));
  CHECK(weight_after(seconds(6)) == Approx(0.1));
  CHECK(weight_after(seconds(30)) == Approx(1 - std::exp(-0.5)));
  CHECK(weight_after(seconds(60)) == Approx(0.632).epsilon(0.001));
  CHECK(weight_after(seconds(240)) == Approx(1 - std::exp(-4.0)));
}

TEST_CASE("an outlier among many requests counts little and is soon forgotten", "[state]") {
  Latency latency;
  for (int i = 0; i < 50; ++i) latency.add(milliseconds(100), at(0));
  latency.add(milliseconds(10'000), at(0));
  CHECK(ms(latency, at(0)) == Approx(1090));
  for (int i = 0; i < 50; ++i) latency.add(milliseconds(100), at(0));
  CHECK(ms(latency, at(0)) < 110);
}

TEST_CASE("after five minutes without a sample nothing is known any more", "[state]") {
  Latency latency;
  latency.add(milliseconds(500), at(0));
  CHECK(latency.average(at(300) - nanoseconds(1)));
  CHECK_FALSE(latency.average(at(300)));
  latency.add(milliseconds(50), at(301));
  CHECK(latency.average(at(301)) == Duration(milliseconds(50)));
  // Each sample keeps it known for five minutes more.
  latency.add(milliseconds(50), at(600));
  CHECK(latency.average(at(899)) == Duration(milliseconds(50)));
}

TEST_CASE("a worker whose clock is a little behind does no harm", "[state]") {
  // Each worker's loop reads the clock once a turn.
  Latency latency;
  latency.add(milliseconds(100), at(10));
  latency.add(milliseconds(200), at(9));
  CHECK(ms(latency, at(9)) == Approx(110));
  CHECK(ms(latency, at(8)) == Approx(110));
}

TEST_CASE("the average stays between the smallest and the largest sample", "[state]") {
  constexpr std::uint64_t seed = 113;
  base::Rng rng(seed);
  for (int round = 0; round < 200; ++round) {
    INFO("seed " << seed << ", round " << round);
    Latency latency;
    TimePoint now = at(0);
    Duration least = minutes(10), most = minutes(0);
    for (int i = 0; i < 50; ++i) {
      now += milliseconds(rng.below(100'000));
      const Duration sample = nanoseconds(rng.below(120'000'000'000));
      least = std::min(least, sample);
      most = std::max(most, sample);
      latency.add(sample, now);
      const Duration average = latency.average(now).value();
      REQUIRE(average >= least);
      REQUIRE(average <= most);
    }
  }
}
