#include "observe/figures.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace ccrelay::observe {

void append_time(std::string& out, WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(whole - day);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

void append_milliseconds(std::string& out, Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  const auto positive = count < 0 ? 0 : count;
  fmt::format_to(std::back_inserter(out), "{}.{:03}", positive / 1000, positive % 1000);
}

Level level_of(const RequestSummary& request) {
  if (request.status >= 500 || request.ending == Ending::broken) return Level::error;
  return request.status >= 400 ? Level::warn : Level::info;
}

}  // namespace ccrelay::observe
