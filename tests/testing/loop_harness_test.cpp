#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>
#include <ccrelay/testing/loop_harness.hpp>

#include <array>
#include <csignal>
#include <string>

#include "catch.hpp"

using ccrelay::testing::LoopHarness;
using std::chrono::seconds;

namespace {

/// What a process writes to stderr, and how it ends, when it leaves a timer on the harness's loop.
struct Ending {
  std::string said;
  int status = 0;
};

Ending leave_a_timer_open() {
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // Catch2 would report it as a failed test
    dup2(pipe_ends[1], STDERR_FILENO);
    static uv_timer_t timer;
    {
      LoopHarness harness;
      uv_timer_init(&harness.loop(), &timer);
    }
    _exit(0);
  }
  close(pipe_ends[1]);
  Ending ending;
  std::array<char, 512> part{};
  for (ssize_t count = 0; (count = read(pipe_ends[0], part.data(), part.size())) > 0;)
    ending.said.append(part.data(), static_cast<std::size_t>(count));
  close(pipe_ends[0]);
  waitpid(child, &ending.status, 0);
  return ending;
}

}  // namespace

TEST_CASE("the harness's clock moves by advance() alone", "[testing]") {
  LoopHarness harness;
  const auto before = harness.clock().now();
  harness.settle();
  CHECK(harness.clock().now() == before);
  harness.advance(seconds(30));
  CHECK(harness.clock().now() - before == seconds(30));
  CHECK(harness.clock().is_manual());
}

TEST_CASE("the clock can move between two things that end the same wait", "[testing]") {
  LoopHarness harness;
  struct Watched {
    const LoopHarness& harness;
    int descriptor = eventfd(0, EFD_NONBLOCK);
    uv_poll_t poll{};
    ccrelay::TimePoint seen{};
  } before{harness}, after{harness};
  for (Watched* one : {&before, &after}) {
    uv_poll_init(&harness.loop(), &one->poll, one->descriptor);
    one->poll.data = one;
    uv_poll_start(&one->poll, UV_READABLE, [](uv_poll_t* handle, int, int) {
      auto* self = static_cast<Watched*>(handle->data);
      self->seen = self->harness.clock().now();
      uv_poll_stop(handle);
    });
  }
  harness.settle();
  const auto start = harness.clock().now();
  eventfd_write(before.descriptor, 1);
  harness.advance_in_wait(seconds(30));
  CHECK(harness.clock().now() == start);
  eventfd_write(after.descriptor, 1);
  CHECK(harness.run_until([&] { return after.seen.time_since_epoch().count() != 0; }));
  CHECK(before.seen == start);
  CHECK(after.seen - start == seconds(30));
  for (Watched* one : {&before, &after}) {
    uv_close(reinterpret_cast<uv_handle_t*>(&one->poll), nullptr);
    close(one->descriptor);
  }
  harness.settle();
}

TEST_CASE("run_until() says false when the watchdog ends it", "[testing]") {
  LoopHarness harness;
  CHECK_FALSE(harness.run_until([] { return false; }, seconds(0)));
}

TEST_CASE("run_until() asks before it turns and after every turn", "[testing]") {
  LoopHarness harness;
  int asked = 0;
  CHECK(harness.run_until([&asked] { return ++asked == 3; }));
}

TEST_CASE("a handle left open ends the process and is named", "[testing]") {
  const Ending ending = leave_a_timer_open();
  REQUIRE(WIFSIGNALED(ending.status));
  CHECK(WTERMSIG(ending.status) == SIGABRT);
  CHECK(ending.said.find("a handle or a request was left open") != std::string::npos);
  CHECK(ending.said.find("timer") != std::string::npos);
}
