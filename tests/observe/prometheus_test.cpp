#include "observe/prometheus.hpp"

#include <array>
#include <limits>

#include "catch.hpp"
#include "observe/process_figures.hpp"

using namespace ccrelay::observe;

TEST_CASE("a family is told once, then its samples follow", "[observe]") {
  Exposition out;
  out.counter("asked_total", "Times that somebody asked.");
  out.sample({{"who", "a"}, {"how", "b"}}, std::uint64_t{3});
  out.sample({{"who", "c"}, {"how", "b"}}, std::numeric_limits<std::uint64_t>::max());
  out.gauge("here", "How many are here.", std::uint64_t{0});
  CHECK(out.take() ==
        "# HELP asked_total Times that somebody asked.\n"
        "# TYPE asked_total counter\n"
        "asked_total{who=\"a\",how=\"b\"} 3\n"
        "asked_total{who=\"c\",how=\"b\"} 18446744073709551615\n"
        "# HELP here How many are here.\n"
        "# TYPE here gauge\n"
        "here 0\n");
}

TEST_CASE("a label's value can end neither itself nor its line, and is UTF-8", "[observe]") {
  Exposition out;
  out.gauge("x", "back\\slash, \"quotes\"\nand a line");
  out.sample({{"l", "a\"b\\c\nd\xC3\xA9\xFF\xC3"}}, std::uint64_t{1});
  CHECK(out.take() ==
        "# HELP x back\\\\slash, \"quotes\"\\nand a line\n"
        "# TYPE x gauge\n"
        "x{l=\"a\\\"b\\\\c\\nd\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\"} 1\n");
}

TEST_CASE("numbers are told exactly", "[observe]") {
  using Billionths = Exposition::Billionths;
  Exposition out;
  out.gauge("n", "Numbers.");
  const std::string head = out.take();
  const auto shown = [&](auto value) {
    out.sample({}, value);
    const std::string line = out.take();
    return line.substr(2, line.size() - 3);
  };
  CHECK(shown(Billionths{36'900'000}) == "0.0369");
  CHECK(shown(Billionths{1}) == "0.000000001");
  CHECK(shown(Billionths{0}) == "0");
  CHECK(shown(Billionths{7'000'000'000}) == "7");
  CHECK(shown(Billionths{std::numeric_limits<std::int64_t>::max()}) == "9223372036.854775807");
  CHECK(shown(Billionths{std::numeric_limits<std::int64_t>::min()}) == "-9223372036.854775808");
  CHECK(shown(0.25) == "0.25");
  CHECK(shown(1.0 / 3) == "0.3333333333333333");
  CHECK(shown(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(shown(-std::numeric_limits<double>::infinity()) == "-Inf");
  CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == "NaN");
}

TEST_CASE("a histogram's buckets are sums, and its last one is its count", "[observe]") {
  Exposition out;
  out.histogram("took_seconds", "How long it took.");
  constexpr std::array<std::int64_t, 2> bounds{100'000, 2'500'000'000};
  out.buckets({{"l", "v"}}, bounds, std::array<std::uint64_t, 3>{1, 2, 4}, 12'000'000'001);
  out.buckets({}, bounds, std::array<std::uint64_t, 3>{}, 0);
  CHECK(out.take() ==
        "# HELP took_seconds How long it took.\n"
        "# TYPE took_seconds histogram\n"
        "took_seconds_bucket{l=\"v\",le=\"0.0001\"} 1\n"
        "took_seconds_bucket{l=\"v\",le=\"2.5\"} 3\n"
        "took_seconds_bucket{l=\"v\",le=\"+Inf\"} 7\n"
        "took_seconds_sum{l=\"v\"} 12.000000001\n"
        "took_seconds_count{l=\"v\"} 7\n"
        "took_seconds_bucket{le=\"0.0001\"} 0\n"
        "took_seconds_bucket{le=\"2.5\"} 0\n"
        "took_seconds_bucket{le=\"+Inf\"} 0\n"
        "took_seconds_sum 0\n"
        "took_seconds_count 0\n");
}

TEST_CASE("a process' own line is read, whatever its program is called", "[observe]") {
  const auto stat = parse_process_stat(
      "42 (a) b (c) 9) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4 0 123456 987654321 2048 18446\n");
  REQUIRE(stat);
  CHECK(stat->cpu_ticks == 200);
  CHECK(stat->start_ticks == 123456);
  CHECK(stat->virtual_bytes == 987654321);
  CHECK(stat->resident_pages == 2048);
  CHECK_FALSE(parse_process_stat("42 (a) S 1 2 3"));
  CHECK_FALSE(parse_process_stat(""));
  CHECK(parse_boot_time("cpu 1 2\nintr 5\nbtime 1764460800\nprocesses 5\n") == 1764460800u);
  CHECK_FALSE(parse_boot_time("cpu 1 2\n"));
}

TEST_CASE("the process tells of itself what Prometheus' own libraries do", "[observe]") {
  Exposition out;
  print_process(out);
  const std::string text = out.take();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_virtual_memory_bytes", "process_open_fds", "process_max_fds",
                           "process_start_time_seconds"}) {
    INFO(name);
    CHECK(text.find(std::string("\n") + name + ' ') != std::string::npos);
    CHECK(text.find(std::string("\n") + name + " 0\n") == std::string::npos);
  }
}
