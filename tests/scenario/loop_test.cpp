#include "loop/loop.hpp"

#include <ccrelay/testing/loop_harness.hpp>

#include <memory>
#include <optional>

#include "catch.hpp"

using namespace ccrelay;
using testing::LoopHarness;

TEST_CASE("a timer that arms itself for the past leaves turns to others", "[scenario]") {
  LoopHarness harness;
  int fired = 0;
  {
    loop::Loop loop(harness.loop(), harness.clock());
    // A bound, so that this test ends when it fails.
    constexpr int never = 100'000;
    std::unique_ptr<base::Timer> eager;
    eager = std::make_unique<base::Timer>(loop.timers(), [&] {
      if (++fired < never) eager->arm(loop.now() - std::chrono::seconds(1));
    });
    eager->arm(loop.now());
    int turns = 0;
    CHECK(harness.run_until([&] { return ++turns == 5; }));
    CHECK(fired > 1);
    CHECK(fired < 10'000);
  }
  harness.settle();
}
