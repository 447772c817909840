#include "server/crowd_gone.hpp"

#include "catch.hpp"

using namespace ccrelay;
using server::CrowdGone;

namespace {

struct Counted {
  base::TimerQueue timers;
  int told = 0;
  CrowdGone gone{timers, [this] { ++told; }};
  TimePoint now{};

  void open(std::size_t count) { gone.open(count, now); }
  void open(std::size_t from, std::size_t to) {
    while (from != to) open(from < to ? ++from : --from);
  }
  void wait() {
    now += CrowdGone::wait;
    timers.run_due(now);
  }
};

}  // namespace

TEST_CASE("a crowd that has gone is told once, some time later") {
  Counted counted;
  counted.open(0, 1000);
  counted.open(1000, 0);
  CHECK(counted.told == 0);
  counted.wait();
  CHECK(counted.told == 1);
  counted.wait();
  CHECK(counted.told == 1);
}

TEST_CASE("the next crowd is told as well") {
  Counted counted;
  for (int crowd = 1; crowd <= 3; ++crowd) {
    counted.open(0, 300);
    counted.open(300, 0);
    counted.wait();
    CHECK(counted.told == crowd);
  }
}

TEST_CASE("a few that come and go are no crowd") {
  Counted counted;
  counted.open(0, CrowdGone::crowd - 1);
  counted.open(CrowdGone::crowd - 1, 0);
  counted.wait();
  CHECK(counted.told == 0);
}

TEST_CASE("of many that stay a few may go") {
  Counted counted;
  counted.open(0, 5000);
  counted.open(5000, 2501);
  counted.wait();
  CHECK(counted.told == 0);
  counted.open(2500);
  counted.wait();
  CHECK(counted.told == 1);
}
