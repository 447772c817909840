#include "manage/status_reader.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using manage::StatusReader;
using manage::Ticker;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// A relay of which `now` seconds are known.
struct Looked {
  std::shared_ptr<StatusReader> watch(const StatusWatch& watch) {
    const auto reader = std::make_shared<StatusReader>(
        watch,
        [this](int wanted) {
          Status out;
          out.time = WallTime(seconds(now));
          for (int second = std::max(0, now - wanted); second < now; ++second) {
            out.history.push_back({WallTime(seconds(second)), 0, 0, 0, 0, 0});
          }
          return out;
        },
        ticker, worker::Seat());
    REQUIRE(ticker->add(reader));
    return reader;
  }
  std::shared_ptr<Ticker> ticker = std::make_shared<Ticker>();
  int now = 10;
};

std::string seconds_in(const Status& status) {
  std::string out;
  for (const Sample& one : status.history) {
    out += std::to_string(std::chrono::duration_cast<seconds>(one.time.time_since_epoch()).count());
  }
  return out;
}

}  // namespace

TEST_CASE("the first look is due at once, the next an interval later, with what is new") {
  Looked relay;
  const auto reader = relay.watch({100, 3});
  Status status;
  REQUIRE(reader->take(status));
  CHECK(seconds_in(status) == "789");
  CHECK_FALSE(reader->take(status));
  relay.now = 12;
  REQUIRE(reader->wait(seconds(180)));
  REQUIRE(reader->take(status));
  CHECK(seconds_in(status) == "1011");
  CHECK_FALSE(reader->is_over());
}

TEST_CASE("who wants no history of before gets what comes") {
  Looked relay;
  const auto reader = relay.watch({100, 0});
  Status status;
  REQUIRE(reader->take(status));
  CHECK(status.history.empty());
  relay.now = 12;
  REQUIRE(reader->wait(seconds(180)));
  REQUIRE(reader->take(status));
  CHECK(seconds_in(status) == "11");
}

TEST_CASE("a look that nobody takes is as new as the moment in which it is taken") {
  Looked relay;
  const auto reader = relay.watch({100, 0});
  relay.now = 50;
  Status status;
  REQUIRE(reader->take(status));
  CHECK(status.time == WallTime(seconds(50)));
}

TEST_CASE("who watches the status is woken when a look is due, and when the relay ends") {
  Looked relay;
  const auto reader = relay.watch({60'000, 0});
  std::atomic<int> woken{0};
  reader->on_ready([&] { ++woken; });
  CHECK(woken == 1);
  Status status;
  CHECK(reader->take(status));
  relay.ticker->close();
  CHECK(woken == 2);
  CHECK(reader->is_over());
  CHECK(reader->wait(milliseconds(0)));
  CHECK_FALSE(reader->take(status));
  CHECK_FALSE(relay.ticker->add(reader));
}
