#include <ccrelay/relay.hpp>

#include <atomic>
#include <future>
#include <stdexcept>

#include "catch.hpp"
#include "support/stuck_relay.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

// Returns when the loops have turned.
void wait_for_turn(Relay& relay) {
  std::promise<void> turned;
  relay.when_turned([&turned] { turned.set_value(); });
  turned.get_future().wait();
}

}  // namespace

TEST_CASE("that all loops have turned is said once a question", "[threads]") {
  StuckRelay scene(3);
  std::atomic<int> said = 0;
  for (int i = 0; i < 10; ++i) {
    scene.relay().when_turned([&said] { ++said; });
    wait_for_turn(scene.relay());
    CHECK(said == i + 1);
  }
}

TEST_CASE("while one worker hangs nobody says that all loops have turned", "[threads]") {
  const int workers = GENERATE(1, 2);
  StuckRelay scene(workers);
  scene.get_stuck();
  std::atomic<bool> said = false;
  scene.relay().when_turned([&said] { said = true; });
  CHECK_FALSE(said);
  scene.go_on();
  wait_for_turn(scene.relay());
  CHECK(said);
}

TEST_CASE("what is thrown about a turn ends nothing", "[threads]") {
  StuckRelay scene(2);
  scene.relay().when_turned([] { throw std::runtime_error("no"); });
  wait_for_turn(scene.relay());
  CHECK_FALSE(scene.relay().stopped());
}
