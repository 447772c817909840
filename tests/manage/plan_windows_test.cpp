#include "manage/plan_windows.hpp"

#include <chrono>

#include "catch.hpp"

using namespace ccrelay;
using manage::plan_windows;

TEST_CASE("a subscription's figures become windows, each with what is said of it") {
  const auto windows = plan_windows({{"status", "allowed"},
                                     {"reset", "1790000000"},
                                     {"5h-status", "allowed"},
                                     {"5h-reset", "1790000000"},
                                     {"5h-utilization", "0.62"},
                                     {"7d-utilization", "1.5"},
                                     {"7d-reset", "2027-01-01T00:00:00Z"}});
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].name == "5h");
  CHECK(windows[0].utilization == 0.62);
  CHECK(windows[0].status == "allowed");
  CHECK(windows[0].reset_time == WallTime(std::chrono::seconds(1'790'000'000)));
  CHECK(windows[1].name == "7d");
  CHECK(windows[1].utilization == 1.5);
  CHECK(windows[1].status.empty());
  CHECK(windows[1].reset_time == WallTime(std::chrono::seconds(1'798'761'600)));
}

TEST_CASE("what makes no sense in a subscription's figures is left out") {
  CHECK(plan_windows({}).empty());
  CHECK(plan_windows({{"utilization", "1"}, {"-utilization", "1"}, {"5h-utilization", "much"}})
            .empty());
  const auto windows = plan_windows(
      {{"5h-utilization", "0"}, {"5h-reset", "99999999999999"}, {"5h-status", "\xff"}});
  REQUIRE(windows.size() == 1);
  CHECK_FALSE(windows[0].reset_time);
  CHECK(windows[0].status == "\xEF\xBF\xBD");
}
