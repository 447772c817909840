#include "rpc/pool.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "catch.hpp"

using ccrelay::rpc::Pool;

TEST_CASE("a pool does what it is given, and takes no more than fits", "[rpc]") {
  Pool pool(1);
  std::promise<void> begun, go;
  pool.post([&] {
    begun.set_value();
    go.get_future().wait();
  });
  begun.get_future().wait();
  std::atomic<int> done = 0;
  for (std::size_t i = 0; i < Pool::jobs_max; ++i) {
    REQUIRE(pool.offer([&] { ++done; }));
  }
  CHECK_FALSE(pool.offer([&] { ++done; }));
  // What must not get lost is taken all the same.
  std::promise<void> last;
  pool.post([&] { last.set_value(); });
  go.set_value();
  last.get_future().wait();
  CHECK(done == static_cast<int>(Pool::jobs_max));
}

TEST_CASE("a pool that has stopped has done what ran, and drops what waited", "[rpc]") {
  std::promise<void> begun, go;
  std::atomic<bool> is_done = false, is_late = false;
  Pool pool(1);
  pool.post([&] {
    begun.set_value();
    go.get_future().wait();
    is_done = true;
  });
  begun.get_future().wait();
  auto mark = std::make_shared<int>();
  const std::weak_ptr<int> waits = mark;
  pool.post([&is_late, mark] { is_late = true; });
  mark.reset();
  auto stopped = std::async(std::launch::async, [&] { pool.stop(); });
  while (!waits.expired()) std::this_thread::yield();
  CHECK_FALSE(pool.offer([] {}));
  go.set_value();
  stopped.get();
  CHECK(is_done);
  CHECK_FALSE(is_late);
}
