#include "loop/loop_thread.hpp"

#include <future>
#include <memory>
#include <thread>

#include "catch.hpp"
#include "loop/mailbox.hpp"

using namespace ccrelay;

TEST_CASE("a loop thread does what is posted, has nothing to wait for, and ends when told") {
  auto made = loop::LoopThread::make(Clock::system());
  REQUIRE(made);
  loop::LoopThread& thread = **made;
  REQUIRE(thread.start());
  for (int i = 0; i < 3; ++i) {
    std::promise<std::thread::id> ran;
    thread.loop().post([&] { ran.set_value(std::this_thread::get_id()); });
    CHECK(ran.get_future().get() != std::this_thread::get_id());
  }
  std::thread::id last;
  thread.stop([&] { last = std::this_thread::get_id(); });
  CHECK(last != std::thread::id());
  CHECK(last != std::this_thread::get_id());
  thread.stop([&] { FAIL("it has stopped already"); });
}

TEST_CASE("one that was never started is taken down all the same") {
  auto made = loop::LoopThread::make(Clock::system());
  REQUIRE(made);
  made->reset();
}

TEST_CASE("what is posted to a loop that has gone is dropped") {
  auto made = loop::LoopThread::make(Clock::system());
  REQUIRE(made);
  REQUIRE((*made)->start());
  const auto mailbox = std::make_shared<loop::Mailbox>((*made)->loop());
  std::promise<void> ran;
  mailbox->post([&] { ran.set_value(); });
  ran.get_future().get();
  (*made)->stop(nullptr);
  mailbox->close();
  made->reset();
  const auto held = std::make_shared<int>(0);
  mailbox->post([held] {});
  CHECK(held.use_count() == 1);
}
