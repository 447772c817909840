#include "manage/jobs.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "catch.hpp"

using ccrelay::manage::Jobs;

TEST_CASE("jobs are done one behind the other on a thread of their own") {
  Jobs jobs;
  std::string order;
  std::promise<std::thread::id> done;
  REQUIRE(jobs.add([&](const Jobs::Stops&) { order += 'a'; }));
  REQUIRE(jobs.add([&](const Jobs::Stops&) { order += 'b'; }));
  REQUIRE(jobs.add([&](const Jobs::Stops&) { done.set_value(std::this_thread::get_id()); }));
  auto thread = done.get_future();
  REQUIRE(thread.wait_for(std::chrono::seconds(180)) == std::future_status::ready);
  CHECK(thread.get() != std::this_thread::get_id());
  CHECK(order == "ab");
}

TEST_CASE("so many jobs wait at most, and a job that throws ends no other") {
  Jobs jobs;
  std::promise<void> begun, go_on;
  const auto gate = go_on.get_future().share();
  REQUIRE(jobs.add([&](const Jobs::Stops&) {
    begun.set_value();
    gate.wait();
    throw 1;
  }));
  begun.get_future().wait();
  int taken = 0;
  while (taken < 1000 && jobs.add([](const Jobs::Stops&) {})) ++taken;
  CHECK(taken == 64);
  go_on.set_value();
  // As soon as there is room again.
  auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  while (!jobs.add([done](const Jobs::Stops&) { done->set_value(); })) std::this_thread::yield();
  CHECK(ended.wait_for(std::chrono::seconds(180)) == std::future_status::ready);
}

TEST_CASE("whoever destroys jobs is waited for by the one that runs, which is told, and no other") {
  bool second = false;
  std::promise<void> begun;
  {
    Jobs jobs;
    jobs.add([&](const Jobs::Stops& stops) {
      begun.set_value();
      while (!stops()) std::this_thread::yield();
    });
    jobs.add([&](const Jobs::Stops&) { second = true; });
    begun.get_future().wait();
  }
  CHECK_FALSE(second);
}
