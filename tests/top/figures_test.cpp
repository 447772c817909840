#include "../../app/top/figures.hpp"

#include "../../app/top/text.hpp"
#include "catch.hpp"
#include "sample.hpp"

namespace ccrelay::app::top {

TEST_CASE("counts are in groups of three, or short", "[top]") {
  CHECK(grouped(16'882) == "16 882");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'234'567) == "1 234 567");
  CHECK(grouped({}) == "n/a");
  CHECK(brief(Number(1840)) == "1840");
  CHECK(brief(Number(34'400)) == "34k");
  CHECK(brief(Number(41'200'000)) == "41.2M");
  CHECK(brief(Number(999'900)) == "1.0M");
  CHECK(rate(41.24) == "41.2");
}

TEST_CASE("times are told as exactly as they matter", "[top]") {
  CHECK(took(400) == "0.4 ms");
  CHECK(took(612'300) == "612 ms");
  CHECK(took(2'100'000) == "2.10 s");
  CHECK(took(12'400'000) == "12.4 s");
  CHECK(took(185'000'000) == "3 m 05 s");
  CHECK(age(12'490'000) == "12.4s");
  CHECK(age(200'000'000) == "3m20s");
  CHECK(age(7'500'000'000) == "2h05m");
  CHECK(wait(20'400) == "21s");
  CHECK(wait(240'000) == "4m");
  CHECK(uptime(((3 * 24 + 4) * 60 + 12) * 60'000LL) == "3d 04:12");
  CHECK(uptime(751'000) == "12m 31s");
  CHECK(ago(1000) == "now");
}

TEST_CASE("parts, money and sizes", "[top]") {
  CHECK(percent(0.001) == "0.1 %");
  CHECK(percent(1) == "100 %");
  CHECK(money(42'180'000'000) == "$42.18");
  CHECK(money(1'204'500'000'000) == "$1 204.50");
  CHECK(money_limit(10'000'000'000) == "$10");
  CHECK(money_limit(7'500'000'000) == "$7.50");
  CHECK(memory(21 << 20) == "21 MiB");
  CHECK(memory(3'250'000) == "3.1 MiB");
  CHECK(size(41'000) == "41 kB");
  CHECK(size(812) == "812 B");
  CHECK(bar(0.62, 10) == "[######----]");
  CHECK(bar(7, 4) == "[####]");
}

TEST_CASE("a sparkline is as wide as asked, newest at the right, the greatest full", "[top]") {
  CHECK(sparkline({0, 1, 8, 4}, 4) == "▁▂█▅");
  CHECK(sparkline({0, 1, 8, 4}, 2) == "█▅");
  CHECK(sparkline({1}, 3) == "  █");
  CHECK(sparkline({0, 0}, 2) == "▁▁");
  CHECK(sparkline({}, 0).empty());
}

TEST_CASE("times are read with any fraction and zone", "[top]") {
  sample::use_utc();
  CHECK(time_of("2026-11-25T12:04:31Z") == sample::at());
  CHECK(time_of("2026-11-25T12:04:31.5Z") == sample::at() + 500);
  CHECK(time_of("2026-11-25T12:04:31.123456789Z") == sample::at() + 123);
  CHECK(time_of("2026-11-25T13:04:31+01:00") == sample::at());
  CHECK(!time_of("yesterday"));
  CHECK(!time_of(""));
  CHECK(clock(sample::at()) == "12:04:31");
  CHECK(until(sample::at(6929), sample::at()) == "14:00");
  CHECK(until(sample::at(161'729), sample::at()) == "Fri 09:00");
}

}  // namespace ccrelay::app::top
