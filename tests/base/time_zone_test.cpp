#include <ccrelay/time_zone.hpp>

#include <stdlib.h>
#include <time.h>

#include <string>

#include "catch.hpp"

namespace ccrelay {
namespace {

using namespace std::chrono_literals;

constexpr const char* berlin_rule = "CET-1CEST,M3.5.0,M10.5.0/3";

WallTime at(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

TimeZone zone_of(const char* rule) {
  const auto zone = TimeZone::from_rule("here", rule);
  REQUIRE(zone);
  return *zone;
}

LocalTime date(int year, int month, int day, int hour = 0, int minute = 0) {
  LocalTime local;
  local.year = year, local.month = month, local.day = day;
  local.hour = hour, local.minute = minute;
  return local;
}

// What the C library says of a zone; the test is a process with one thread.
class CLibrary {
 public:
  explicit CLibrary(const std::string& name) {
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  ~CLibrary() {
    ::unsetenv("TZ");
    ::tzset();
  }
  long offset(std::int64_t seconds) const {
    const std::time_t time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::localtime_r(&time, &parts);
    return parts.tm_gmtoff;
  }
};

}  // namespace

TEST_CASE("UTC needs no database") {
  const TimeZone utc;
  CHECK(utc.name() == "UTC");
  CHECK(utc.offset(at(0)) == 0s);
  const LocalTime local = utc.local(at(1'767'225'600 + 3661));
  CHECK(local.year == 2026);
  CHECK(local.month == 1);
  CHECK(local.day == 1);
  CHECK(local.hour == 1);
  CHECK(local.minute == 1);
  CHECK(local.second == 1);
  CHECK(local.weekday == 4);  // a Thursday
  CHECK(rfc3339(utc, at(1'767'225'600)) == "2026-01-01T00:00:00Z");
  CHECK(rfc3339(utc, at(-1)) == "1969-12-31T23:59:59Z");
}

TEST_CASE("a rule changes to summer time and back, on either half of the earth") {
  const TimeZone berlin = zone_of(berlin_rule);
  const WallTime spring = at(1'774'746'000);  // 2026-03-29 01:00 UTC
  CHECK(rfc3339(berlin, spring - 1s) == "2026-03-29T01:59:59+01:00");
  CHECK(rfc3339(berlin, spring) == "2026-03-29T03:00:00+02:00");
  const WallTime autumn = at(1'792'890'000);  // 2026-10-25 01:00 UTC
  CHECK(rfc3339(berlin, autumn - 1s) == "2026-10-25T02:59:59+02:00");
  CHECK(rfc3339(berlin, autumn) == "2026-10-25T02:00:00+01:00");
  const TimeZone sydney = zone_of("AEST-10AEDT,M10.1.0,M4.1.0/3");
  CHECK(sydney.offset(at(1'767'225'600)) == 11h);
  CHECK(sydney.offset(at(1'782'864'000)) == 10h);
  CHECK(zone_of("<+0545>-5:45").offset(at(0)) == 5h + 45min);
  CHECK(rfc3339(zone_of("<-0330>3:30"), at(0)) == "1969-12-31T20:30:00-03:30");
}

TEST_CASE("what clocks show leads back to the moment") {
  const TimeZone berlin = zone_of(berlin_rule);
  const auto shown = [&](const LocalTime& local) { return rfc3339(berlin, berlin.instant(local)); };
  CHECK(shown(date(2026, 7, 1, 12)) == "2026-07-01T12:00:00+02:00");
  CHECK(shown(date(2026, 1, 1, 12)) == "2026-01-01T12:00:00+01:00");
  CHECK(shown(date(2026, 10, 25, 2, 30)) == "2026-10-25T02:30:00+02:00");  // the first of two
  CHECK(shown(date(2026, 3, 29, 2, 30)) == "2026-03-29T03:30:00+02:00");   // left out
  CHECK(shown(date(2026, 13, 1)) == "2027-01-01T00:00:00+01:00");
  CHECK(shown(date(2026, 0, 1)) == "2025-12-01T00:00:00+01:00");
  CHECK(shown(date(2026, 3, 0)) == "2026-02-28T00:00:00+01:00");
  CHECK(shown(date(2028, 3, 0)) == "2028-02-29T00:00:00+01:00");
}

TEST_CASE("days have 23 or 25 hours twice a year") {
  const TimeZone berlin = zone_of(berlin_rule);
  const WallTime spring = berlin.instant(date(2026, 3, 29, 12));
  CHECK(berlin.day_begin(spring, 1) - berlin.day_begin(spring) == 23h);
  const WallTime autumn = berlin.instant(date(2026, 10, 25, 12));
  CHECK(berlin.day_begin(autumn, 1) - berlin.day_begin(autumn) == 25h);
  // In Chile clocks are put forward at midnight: the day begins at one.
  const TimeZone santiago = zone_of("<-04>4<-03>,M9.1.6/24,M4.1.6/24");
  CHECK(rfc3339(santiago, santiago.day_begin(at(1'788'706'800))) == "2026-09-06T01:00:00-03:00");
}

TEST_CASE("rules of the database's files agree with the C library, in summer and winter") {
  for (const char* name :
       {"Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kolkata",
        "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Tehran"}) {
    const auto zone = TimeZone::find(name);
    if (!zone) {
      WARN("no time zone " << name << " on this machine");
      continue;
    }
    CHECK(zone->name() == name);
    const CLibrary library(name);
    // From 1970 to 2069, in steps that meet each hour of the day.
    for (std::int64_t time = 0; time < 3'155'760'000; time += 3 * 86'400 + 3'600) {
      if (zone->offset(at(time)).count() != library.offset(time)) {
        FAIL_CHECK(name << " at " << time);
        break;
      }
    }
  }
}

TEST_CASE("what is no rule is refused") {
  for (const char* rule :
       {"", "C", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-200", "<CE>-1", "CET-1 "}) {
    CAPTURE(rule);
    CHECK_FALSE(TimeZone::from_rule("here", rule));
  }
}

TEST_CASE("a damaged file of the database is an error") {
  const std::string empty(44, '\0');
  CHECK_FALSE(TimeZone::from_file("x", ""));
  CHECK_FALSE(TimeZone::from_file("x", "TZif"));
  CHECK_FALSE(TimeZone::from_file("x", empty));
  std::string huge = "TZif2" + std::string(15, '\0') + std::string(24, '\x7f');
  CHECK_FALSE(TimeZone::from_file("x", huge));
}

TEST_CASE("a name leads nowhere but into the database") {
  for (const char* name : {"", "Europe/Atlantis", "../../../etc/passwd", "/etc/localtime",
                           "Europe/../../passwd", "posixrules\n", "."}) {
    CAPTURE(name);
    CHECK_FALSE(TimeZone::find(name));
  }
  CHECK(TimeZone::find("UTC")->name() == "UTC");
}

TEST_CASE("a local zone is that of TZ") {
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  CHECK(TimeZone::find("local")->offset(at(1'782'864'000)) == 2h);
  ::setenv("TZ", "UTC", 1);
  CHECK(TimeZone::find("local")->name() == "UTC");
  ::setenv("TZ", "nonsense", 1);
  CHECK(TimeZone::find("local")->offset(at(1'782'864'000)) == 0s);
  ::unsetenv("TZ");
  CHECK(TimeZone::find("local"));
}

}  // namespace ccrelay
