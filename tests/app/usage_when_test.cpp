#include "usage_when.hpp"

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::app;
using namespace std::chrono_literals;

namespace {

TimeZone berlin() {
  return *TimeZone::from_rule("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
}

// Sunday 2026-11-29, 12:40 in Berlin.
const WallTime now{std::chrono::seconds(1'795'952'400)};

std::string begin(const std::string& text, WallTime at = now) {
  const auto time = parse_when(text, WhenEnd::begin, berlin(), at);
  return time ? rfc3339(berlin(), *time) : "error";
}
std::string end(const std::string& text, WallTime at = now) {
  const auto time = parse_when(text, WhenEnd::end, berlin(), at);
  return time ? rfc3339(berlin(), *time) : "error";
}

}  // namespace

TEST_CASE("a date is its day or month in the zone; as an end, the end of it") {
  REQUIRE(rfc3339(berlin(), now) == "2026-11-29T12:40:00+01:00");
  CHECK(begin("2026-11-29") == "2026-11-29T00:00:00+01:00");
  CHECK(end("2026-11-29") == "2026-11-30T00:00:00+01:00");
  CHECK(begin("2026-11") == "2026-11-01T00:00:00+01:00");
  CHECK(end("2026-12") == "2027-01-01T00:00:00+01:00");
  CHECK(begin("2026-03-29") == "2026-03-29T00:00:00+01:00");
  CHECK(end("2026-03-29") == "2026-03-30T00:00:00+02:00");
}

TEST_CASE("words are days, weeks from Monday, and months") {
  CHECK(begin("today") == "2026-11-29T00:00:00+01:00");
  CHECK(end("today") == "2026-11-30T00:00:00+01:00");
  CHECK(begin("yesterday") == "2026-11-28T00:00:00+01:00");
  CHECK(end("yesterday") == "2026-11-29T00:00:00+01:00");
  CHECK(begin("this-week") == "2026-11-23T00:00:00+01:00");
  CHECK(end("this-week") == "2026-11-30T00:00:00+01:00");
  CHECK(begin("this-month") == "2026-11-01T00:00:00+01:00");
  CHECK(begin("last-month") == "2026-10-01T00:00:00+02:00");
  CHECK(end("last-month") == "2026-11-01T00:00:00+01:00");
  // On a Monday.
  CHECK(begin("this-week", now + 24h) == "2026-11-30T00:00:00+01:00");
}

TEST_CASE("hours count back from now, days and weeks from the day that runs") {
  CHECK(begin("12h") == "2026-11-29T00:40:00+01:00");
  CHECK(begin("1d") == "2026-11-29T00:00:00+01:00");
  CHECK(begin("3d") == "2026-11-27T00:00:00+01:00");
  CHECK(begin("4w") == "2026-11-02T00:00:00+01:00");
  // Over the end of summer time.
  CHECK(begin("40d") == "2026-10-21T00:00:00+02:00");
}

TEST_CASE("a moment is taken in any zone") {
  CHECK(begin("2026-11-29T11:40:00Z") == "2026-11-29T12:40:00+01:00");
  CHECK(begin("2026-11-29t11:40:00.123z") == "2026-11-29T12:40:00+01:00");
  CHECK(begin("2026-11-29T06:10:00-05:30") == "2026-11-29T12:40:00+01:00");
  CHECK(end("2026-11-29T11:40:00Z") == "2026-11-29T12:40:00+01:00");
}

TEST_CASE("what is no time is refused, and what is one named") {
  for (const char* text :
       {"", "now", "2026", "2026-13", "2026-02-30", "2026-11-31", "2026-11-29T11:40:00",
        "2026-11-29T25:40:00Z", "2026-11-29 ", "0d", "-1d", "d", "99999d", "3 d", "3m", "1e3d",
        "1969-01-01", "2026-00-01", "2026-11-29T11:40:00+1:00"}) {
    CAPTURE(text);
    CHECK(begin(text) == "error");
  }
  CHECK(parse_when("no\x1b[2J", WhenEnd::begin, berlin(), now).error().message ==
        "no\\x1b[2J is no time; one of: 2026-11-29, 2026-11, 2026-11-29T12:00:00Z, 12h, 7d, 4w, "
        "today, yesterday, this-week, this-month, last-month");
}
