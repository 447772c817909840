// A loop whose handles have all ended has still to end its turn; and what is true inside of one.

#include <ccrelay/testing/manual_clock.hpp>

#include <uv.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "loop/loop.hpp"

using namespace ccrelay;

namespace {

/// Acts at the end of a turn, and of as many more as it is told.
struct Task final : loop::TurnTask {
  Task(loop::Loop& loop, int more) : TurnTask(loop), more_(more) {}
  int ran = 0;

 private:
  void run_at_turn_end() override {
    ++ran;
    if (more_-- > 0) schedule_next();
  }
  int more_;
};

/// What a loop does that has one event and then nothing that keeps it.
int turns_after_last_event(int more) {
  uv_loop_t uv;
  REQUIRE(loop::init_loop(uv));
  int ran = 0;
  {
    loop::Loop loop(uv, Clock::system());
    Task task(loop, more);
    uv_check_t last;
    uv_check_init(&uv, &last);
    last.data = &task;
    // Behind the wait for events, as what comes from a socket or from another thread.
    uv_check_start(&last, [](uv_check_t* handle) noexcept {
      static_cast<Task*>(handle->data)->schedule();
      uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
    });
    loop.post([] {});  // it need not wait
    uv_run(&uv, UV_RUN_DEFAULT);
    ran = task.ran;
  }
  uv_run(&uv, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&uv) == 0);
  return ran;
}

}  // namespace

TEST_CASE("what the last event asked for happens before the loop ends") {
  CHECK(turns_after_last_event(0) == 1);
}

TEST_CASE("so does what that asked for in turn") {
  CHECK(turns_after_last_event(2) == 3);
}

namespace {

/// A loop with a manual clock, which turns once at a time and would wait for an hour.
class Turning {
 public:
  Turning() {
    REQUIRE(loop::init_loop(uv));
    loop = std::make_unique<loop::Loop>(uv, clock);
    uv_timer_init(&uv, &hour_);
    uv_timer_start(
        &hour_, [](uv_timer_t*) {}, 3'600'000, 0);
  }
  ~Turning() {
    loop.reset();
    uv_close(reinterpret_cast<uv_handle_t*>(&hour_), nullptr);
    uv_run(&uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv) == 0);
  }
  void turn() { uv_run(&uv, UV_RUN_NOWAIT); }

  uv_loop_t uv;
  testing::ManualClock clock;
  std::unique_ptr<loop::Loop> loop;

 private:
  uv_timer_t hour_;
};

/// Calls back at the end of a turn.
struct Calls final : loop::TurnTask {
  Calls(loop::Loop& loop, std::function<void()> call) : TurnTask(loop), call_(std::move(call)) {}

 private:
  void run_at_turn_end() override { call_(); }
  std::function<void()> call_;
};

}  // namespace

TEST_CASE("a callback's time is the one at its begin, whatever was known before") {
  using std::chrono::seconds;
  Turning scene;
  const TimePoint start = scene.clock.now();
  scene.turn();
  CHECK(scene.loop->now() == start);
  std::vector<TimePoint> seen;
  const auto look = [&] {
    seen.push_back(scene.loop->now());
    scene.clock.advance(seconds(1));  // it takes a while
    seen.push_back(scene.loop->now());
  };
  scene.clock.advance(seconds(10));  // the loop waits
  scene.loop->post(look);
  scene.loop->post(look);
  Calls one(*scene.loop, look), other(*scene.loop, look);
  scene.turn();
  one.schedule();
  other.schedule();
  scene.turn();
  const auto at = [&](int second) { return start + seconds(second); };
  CHECK(seen == std::vector{at(10), at(10), at(11), at(11), at(12), at(12), at(13), at(13)});
  CHECK(scene.loop->now() == at(14));
  scene.clock.advance(seconds(1));
  CHECK(scene.loop->now() == at(15));
}

TEST_CASE("what is buried asks for a turn, whoever waits for events") {
  Turning scene;
  scene.turn();
  const auto buried = std::make_shared<int>(0);
  CHECK(uv_backend_timeout(&scene.uv) > 0);
  scene.loop->bury(std::make_unique<std::shared_ptr<int>>(buried));
  CHECK(uv_backend_timeout(&scene.uv) == 0);
  CHECK(buried.use_count() == 2);
  scene.turn();
  CHECK(buried.use_count() == 1);
  CHECK(uv_backend_timeout(&scene.uv) > 0);
  scene.loop->post([&] { scene.loop->bury(std::make_unique<std::shared_ptr<int>>(buried)); });
  scene.turn();
  CHECK(buried.use_count() == 2);
  CHECK(uv_backend_timeout(&scene.uv) == 0);
  scene.turn();
  CHECK(buried.use_count() == 1);
  CHECK(uv_backend_timeout(&scene.uv) > 0);
}
