#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>
#include <ccrelay/testing/manual_clock.hpp>

#include <uv.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "identity/desk.hpp"
#include "identity/vaults.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;
using namespace ccrelay::testing;
using namespace std::chrono_literals;

namespace {

/// Asks a vault again and again on a loop of its own, which another thread turns.
class Worker final : public Waiter {
 public:
  Worker(Vault& vault, const Clock& clock) : vault_(vault), clock_(clock) {
    REQUIRE(loop::init_loop(uv_));
    // A loop without anything to wait for does not turn.
    uv_async_init(&uv_, &open_, nullptr);
  }
  ~Worker() override {
    uv_close(reinterpret_cast<uv_handle_t*>(&open_), nullptr);
    while (uv_loop_close(&uv_) != 0) uv_run(&uv_, UV_RUN_NOWAIT);
  }

  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  /// While this is above 0 a worker whose desk fetches takes one off and leaves.
  std::atomic<int>* departures = nullptr;

  void run(const std::atomic<bool>& stop) {
    loop::Loop loop(uv_, clock_);
    upstream::Client client(loop);
    Desk desk(loop, client);
    while (!stop) {
      ask(desk);
      if (departures && *departures > 0 && desk.fetches() > 0) {
        --*departures;
        break;
      }
      uv_run(&uv_, UV_RUN_NOWAIT);
      std::this_thread::yield();
    }
    // In the middle of a wait or a fetch, as it comes.
    ticket_.reset();
  }

 private:
  void ask(Desk& desk) {
    if (ticket_) return;
    auto got = vault_.get(desk, *this);
    if (auto* wait = std::get_if<std::unique_ptr<Ticket>>(&got)) {
      ticket_ = std::move(*wait);
    } else if (const auto* held = std::get_if<Held>(&got)) {
      ++good;
      // Now and then a provider refuses them.
      if (good % 1000 == 0) vault_.invalidate(*held, clock_);
    } else {
      ++bad;
    }
  }
  void on_credentials(const Result<Held>& result) override {
    ticket_.reset();
    ++(result ? good : bad);
  }

  uv_loop_t uv_;
  uv_async_t open_;
  Vault& vault_;
  const Clock& clock_;
  std::unique_ptr<Ticket> ticket_;
};

}  // namespace

TEST_CASE("workers share credentials, and no two fetch them at once", "[threads]") {
  LoopHarness harness;
  FakeProvider service(harness.loop());
  // Each request is left open for a turn: one that comes meanwhile is one too many.
  bool open = false;
  int too_many = 0;
  service.respond_with([&](const RecordedRequest&) {
    if (open) ++too_many;
    open = true;
    constexpr std::string_view token = R"({"access_token":"t","expires_in":60})";
    return Script().hold().send("HTTP/1.1 200 OK\r\ncontent-length: " +
                                std::to_string(token.size()) + "\r\n\r\n" + std::string(token));
  });
  ManualClock clock;
  Vaults vaults([&](std::string_view name) -> std::optional<std::string> {
    if (name == "AZURE_AUTHORITY_HOST") return service.url();
    return std::nullopt;
  });
  const auto vault = vaults.open({AzureAccess{"t", "c", Secret("s")}, {}});
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  for (int i = 0; i < 3; ++i) workers.push_back(std::make_unique<Worker>(*vault, clock));
  for (const auto& worker : workers) threads.emplace_back([&] { worker->run(stop); });
  // Time moves on under them, a little while somebody fetches and to the next refresh else.
  const bool done = harness.run_until([&] {
    if (open) service.release();
    open = false;
    clock.advance(vault->view(clock).refreshing ? Duration(1ms) : Duration(11s));
    return service.requests().size() >= 20 && workers[0]->good > 2000 && workers[1]->good > 2000 &&
           workers[2]->good > 2000;
  });
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(done);
  CHECK(too_many == 0);
  for (const auto& worker : workers) CHECK(worker->good > 2000);
}

TEST_CASE("whoever fetches may leave: somebody who waits goes on", "[threads]") {
  LoopHarness harness;
  FakeProvider service(harness.loop());
  std::atomic<int> departures{8};
  service.respond_with([&](const RecordedRequest&) {
    if (departures > 0) return Script().hold();
    return Script::reply(200, "application/json", R"({"access_token":"t","expires_in":60})");
  });
  const ManualClock clock;
  Vaults vaults([&](std::string_view name) -> std::optional<std::string> {
    if (name == "AZURE_AUTHORITY_HOST") return service.url();
    return std::nullopt;
  });
  const auto vault = vaults.open({AzureAccess{"t", "c", Secret("s")}, {}});
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  for (int i = 0; i < 10; ++i) {
    workers.push_back(std::make_unique<Worker>(*vault, clock));
    workers.back()->departures = &departures;
  }
  for (const auto& worker : workers) threads.emplace_back([&] { worker->run(stop); });
  // The two that are left are both answered.
  const bool done = harness.run_until([&] {
    int answered = 0;
    for (const auto& worker : workers) answered += worker->good > 0 ? 1 : 0;
    return answered == 2;
  });
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(done);
  CHECK(departures == 0);
  for (const auto& worker : workers) CHECK(worker->bad == 0);
}
