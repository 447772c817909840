#include <ccrelay/testing/loop_harness.hpp>

#include <poll.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "testing/broken_pipe.hpp"
#include "testing/uv_handle.hpp"

// libccrelay-testing stands on raw libuv, llhttp and OpenSSL rather than on the relay's own loop
// and server rooms: a bug of theirs must not cancel itself out by being on both ends of a test.

namespace ccrelay::testing {
namespace {

using RealClock = std::chrono::steady_clock;

void print_handle(uv_handle_t* handle, void*) {
  std::fprintf(stderr, "  %-8s %p%s%s%s\n", uv_handle_type_name(uv_handle_get_type(handle)),
               static_cast<void*>(handle), uv_is_active(handle) ? " active" : " idle",
               uv_has_ref(handle) ? "" : " unref", uv_is_closing(handle) ? " closing" : "");
}

void print_handles(uv_loop_t& loop, const char* why) {
  std::fprintf(stderr, "LoopHarness: %s. The loop's handles:\n", why);
  uv_walk(&loop, &print_handle, nullptr);
}

/// Waits until the kernel has something for the loop; false if it had nothing.
bool kernel_has_something(uv_loop_t& loop, std::chrono::milliseconds wait) {
  pollfd backend{uv_backend_fd(&loop), POLLIN, 0};
  return poll(&backend, 1, static_cast<int>(wait.count())) > 0;
}

/// Turns the loop until what was closed is released. False if something is still open.
bool close_loop(uv_loop_t& loop) {
  // Time for requests that have to come back from a thread, such as a name lookup, which takes some
  // ten seconds where the server for names says nothing.
  const auto give_up = RealClock::now() + std::chrono::seconds(60);
  do {
    uv_run(&loop, UV_RUN_NOWAIT);
    if (uv_loop_close(&loop) == 0) return true;
    bool closing_only = true;
    uv_walk(
        &loop,
        [](uv_handle_t* handle, void* only) {
          if (!uv_is_closing(handle)) *static_cast<bool*>(only) = false;
        },
        &closing_only);
    if (!closing_only) return false;
    kernel_has_something(loop, std::chrono::milliseconds(1));
  } while (RealClock::now() < give_up);
  return false;
}

}  // namespace

struct LoopHarness::Parts {
  uv_loop_t loop;
  ManualClock clock;
  // Wakes the loop while run_until() waits, for its watchdog. Closed before the loop is.
  std::optional<UvHandle<uv_timer_t>> ticker;
  // Moves the clock. The kernel lists descriptors as they become ready, epoll hands them out in
  // that order, and this one the loop has watched since it was made.
  std::optional<UvHandle<uv_async_t>> mover;
  Duration move_by{};

  void move() { clock.advance(std::exchange(move_by, Duration{})); }
};

LoopHarness::LoopHarness() : parts_(std::make_unique<Parts>()) {
  ignore_broken_pipe();
  check_uv(uv_loop_init(&parts_->loop), "uv_loop_init");
  parts_->ticker.emplace(parts_->loop, &uv_timer_init, nullptr);
  const auto make = [](uv_loop_t* loop, uv_async_t* handle) {
    return uv_async_init(loop, handle, [](uv_async_t* moved) noexcept {
      if (auto* parts = static_cast<Parts*>(moved->data)) parts->move();
    });
  };
  parts_->mover.emplace(parts_->loop, make, parts_.get());
  uv_unref(parts_->mover->base());
  // Until the first turn nothing is watched.
  uv_run(&parts_->loop, UV_RUN_NOWAIT);
}

LoopHarness::~LoopHarness() {
  parts_->ticker.reset();
  parts_->mover.reset();
  if (close_loop(parts_->loop)) return;
  print_handles(parts_->loop, "a handle or a request was left open");
  std::abort();
}

uv_loop_s& LoopHarness::loop() {
  return parts_->loop;
}

const Clock& LoopHarness::clock() const {
  return parts_->clock;
}

bool LoopHarness::run_until(const std::function<bool()>& done, std::chrono::seconds watchdog) {
  const auto give_up = RealClock::now() + watchdog;
  uv_timer_t* ticker = parts_->ticker->get();
  constexpr std::uint64_t tick_ms = 5;
  uv_timer_start(
      ticker, [](uv_timer_t*) {}, tick_ms, tick_ms);
  bool is_done = done();
  while (!is_done && RealClock::now() < give_up) {
    uv_run(&parts_->loop, UV_RUN_ONCE);
    is_done = done();
  }
  uv_timer_stop(ticker);
  if (!is_done) print_handles(parts_->loop, "run_until() gave up");
  return is_done;
}

void LoopHarness::settle() {
  // No call says that a turn did nothing, and what one socket sent another may receive a little
  // later. So: quiet is when the kernel had nothing to report three times in a row.
  constexpr int rounds_max = 500;
  constexpr int quiet_rounds = 3;
  int quiet = 0;
  for (int round = 0; round < rounds_max && quiet < quiet_rounds; ++round) {
    uv_run(&parts_->loop, UV_RUN_NOWAIT);
    quiet = kernel_has_something(parts_->loop, std::chrono::milliseconds(2)) ? 0 : quiet + 1;
  }
}

void LoopHarness::advance(Duration by) {
  parts_->clock.advance(by);
  settle();
}

void LoopHarness::advance_in_wait(Duration by) {
  parts_->move_by += by;
  uv_async_send(parts_->mover->get());
}

}  // namespace ccrelay::testing
