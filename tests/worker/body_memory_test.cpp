#include "worker/body_memory.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using worker::BodyMemory;

namespace {

constexpr std::uint64_t mib = 1 << 20;

struct Stage {
  base::TimerQueue timers;
  wire::RequestReader reader;
  int given_back = 0;
  TimePoint now{};
  BodyMemory memory{timers, reader, [this] { ++given_back; }};

  void read(std::size_t bytes) {
    wire::RequestView view;
    std::string body = R"({"model":"m","text":")" + std::string(bytes, 'x') + R"("})";
    REQUIRE(reader.read(body, view).empty());
    memory.was_read(now);
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    timers.run_due(now);
  }
};

}  // namespace

TEST_CASE("memory is given back a while after many bodies have gone", "[worker]") {
  Stage stage;
  for (int i = 0; i < 100; ++i) stage.memory.came(mib);
  for (int i = 0; i < 100; ++i) stage.memory.went(mib, stage.now);
  CHECK(stage.given_back == 0);
  stage.pass(BodyMemory::wait);
  CHECK(stage.given_back == 1);
  stage.pass(10 * BodyMemory::wait);
  CHECK(stage.given_back == 1);
}

TEST_CASE("bodies that come and go give nothing back as long as as many stay", "[worker]") {
  Stage stage;
  for (int i = 0; i < 100; ++i) stage.memory.came(mib);
  for (int i = 0; i < 1000; ++i) {
    stage.memory.went(mib, stage.now);
    stage.pass(BodyMemory::wait / 10);
    stage.memory.came(mib);
  }
  CHECK(stage.given_back == 0);
}

TEST_CASE("a few small bodies that go are no reason to give memory back", "[worker]") {
  Stage stage;
  for (int i = 0; i < 1000; ++i) {
    stage.memory.came(4096);
    stage.memory.went(4096, stage.now);
    stage.pass(BodyMemory::wait);
  }
  CHECK(stage.given_back == 0);
}

TEST_CASE("bodies that came back in the meantime are kept room for", "[worker]") {
  Stage stage;
  stage.memory.came(20 * mib);
  stage.memory.went(20 * mib, stage.now);
  stage.memory.came(20 * mib);
  stage.pass(BodyMemory::wait);
  CHECK(stage.given_back == 0);
}

TEST_CASE("the parser's room for a large body is kept while such bodies come", "[worker]") {
  Stage stage;
  stage.read(100'000);
  CHECK_FALSE(stage.reader.holds_much());
  for (int i = 0; i < 5; ++i) {
    stage.read(2 * mib);
    CHECK(stage.reader.holds_much());
    stage.pass(BodyMemory::wait / 2);
    CHECK(stage.reader.holds_much());
  }
  CHECK(stage.given_back == 0);
  stage.pass(BodyMemory::wait / 2);
  CHECK_FALSE(stage.reader.holds_much());
  CHECK(stage.given_back == 1);
}

TEST_CASE("the parser's room for a body beyond all measure is not kept", "[worker]") {
  Stage stage;
  stage.read(20 * mib);
  CHECK_FALSE(stage.reader.holds_much());
}
