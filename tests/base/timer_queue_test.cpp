#include "base/timer_queue.hpp"

#include <memory>
#include <string>

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay;
using base::Timer;
using base::TimerQueue;
using std::chrono::milliseconds;

namespace {
TimePoint at(int ms) {
  return TimePoint(milliseconds(ms));
}
}  // namespace

TEST_CASE("timers fire by deadline, equal ones in the order of arming") {
  TimerQueue queue;
  std::string fired;
  Timer a(queue, [&] { fired += 'a'; });
  Timer b(queue, [&] { fired += 'b'; });
  Timer c(queue, [&] { fired += 'c'; });
  b.arm(at(20));
  c.arm(at(10));
  a.arm(at(20));
  CHECK(queue.next_deadline() == at(10));
  CHECK_FALSE(queue.run_due(at(9)));
  CHECK(queue.run_due(at(20)));
  CHECK(fired == "cba");
  CHECK_FALSE(queue.next_deadline());
}

TEST_CASE("arming again moves a timer, cancelling and destroying silence it") {
  TimerQueue queue;
  int fired = 0;
  Timer moved(queue, [&] { ++fired; });
  moved.arm(at(5));
  moved.arm(at(50));
  {
    Timer gone(queue, [&] { fired += 100; });
    gone.arm(at(1));
  }
  queue.run_due(at(49));
  CHECK(fired == 0);
  moved.cancel();
  queue.run_due(at(1000));
  CHECK(fired == 0);
}

TEST_CASE("a timer may be destroyed or armed again while it fires") {
  TimerQueue queue;
  int rounds = 0;
  std::unique_ptr<Timer> own;
  own = std::make_unique<Timer>(queue, [&] { own.reset(); });
  Timer again(queue, [&] {
    if (++rounds < 3) again.arm(at(rounds));
  });
  own->arm(at(0));
  again.arm(at(0));
  while (queue.run_due(at(10))) continue;
  CHECK_FALSE(own);
  CHECK(rounds == 3);
}

TEST_CASE("a thousand timers at random deadlines fire in order") {
  TimerQueue queue;
  base::Rng rng(3);
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<int> fired;
  for (int i = 0; i < 1000; ++i) {
    const int deadline = static_cast<int>(rng.below(500));
    timers.push_back(
        std::make_unique<Timer>(queue, [&fired, deadline] { fired.push_back(deadline); }));
    timers.back()->arm(at(deadline));
  }
  for (int i = 0; i < 1000; i += 3) timers[i].reset();
  queue.run_due(at(500));
  CHECK(fired.size() == 666);
  CHECK(std::is_sorted(fired.begin(), fired.end()));
}

TEST_CASE("a timer that arms itself for the past does not hold its caller up") {
  TimerQueue queue;
  int fired = 0;
  std::unique_ptr<Timer> eager;
  eager = std::make_unique<Timer>(queue, [&] {
    // A bound, so that this test ends when it fails.
    if (++fired < 1'000) eager->arm(at(0));
  });
  eager->arm(at(5));
  CHECK(queue.run_due(at(10)));
  CHECK(fired == 1);
  CHECK(queue.run_due(at(10)));
  CHECK(fired == 2);
}
