// A loop whose handles have all ended has still to end its turn.

#include <uv.h>

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
