#include "server/http_date.hpp"

#include <ccrelay/testing/manual_clock.hpp>

#include <chrono>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("an answer is dated by the second it is made in") {
  testing::ManualClock clock;
  const auto line = [&] { return std::string(server::date_line({}, clock)); };
  const auto expected = [&] { return "date: " + server::http_date(clock.wall()) + "\r\n"; };
  CHECK(line() == expected());
  for (const auto by : {milliseconds(1), milliseconds(999), milliseconds(1000), milliseconds(0)}) {
    clock.advance(by);
    CHECK(line() == expected());
  }
  for (int i = 0; i < 400; ++i) {
    clock.advance(seconds(25 * 3600 + 61));
    CHECK(line() == expected());
  }
}

TEST_CASE("what has a date keeps it, whatever its case") {
  testing::ManualClock clock;
  const ResponseHead head{200, {{"DATE", "Thu, 01 Jan 2026 00:00:00 GMT"}}};
  CHECK(server::date_line(head, clock).empty());
  CHECK_FALSE(server::dated(head, clock));
  CHECK(server::dated({}, clock)->headers.get("date") == server::http_date(clock.wall()));
}

TEST_CASE("a date is written as RFC 9110 says") {
  CHECK(server::http_date(WallTime(seconds(784'111'777))) == "Sun, 06 Nov 1994 08:49:37 GMT");
}
