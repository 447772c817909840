#include "observe/figures.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ccrelay::observe {

namespace {

// The last digits of `value`, with zeros in front.
template <std::size_t Count>
void put_digits(char* to, std::int64_t value) {
  for (std::size_t i = Count; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

// `2026-01-01`; a day lasts for many lines.
void put_date(char* to, std::chrono::sys_days day) {
  struct Date {
    std::chrono::sys_days day = std::chrono::sys_days::min();
    char text[10] = {};
  };
  thread_local Date last;
  if (day != last.day) {
    const std::chrono::year_month_day date(day);
    std::memcpy(last.text, "0000-00-00", sizeof last.text);
    put_digits<4>(last.text, static_cast<int>(date.year()));
    put_digits<2>(last.text + 5, static_cast<unsigned>(date.month()));
    put_digits<2>(last.text + 8, static_cast<unsigned>(date.day()));
    last.day = day;
  }
  std::memcpy(to, last.text, sizeof last.text);
}

constexpr std::string_view time_form = "0000-00-00T00:00:00.000Z";

void put_time(char* to, WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::hh_mm_ss clock(whole - day);
  std::memcpy(to, time_form.data(), time_form.size());
  put_date(to, day);
  put_digits<2>(to + 11, clock.hours().count());
  put_digits<2>(to + 14, clock.minutes().count());
  put_digits<2>(to + 17, clock.seconds().count());
  put_digits<3>(to + 20, clock.subseconds().count());
}

}  // namespace

void append_time(std::string& out, WallTime time) {
  char text[time_form.size()];
  put_time(text, time);
  out.append(text, sizeof text);
}

void append_time(Pen& pen, WallTime time) {
  put_time(pen.room(time_form.size()), time);
  pen.wrote(time_form.size());
}

void append_usd(Pen& pen, std::int64_t nano_usd) {
  constexpr std::int64_t nanos = 1'000'000'000;
  char* const text = pen.room(32);
  char* end = std::to_chars(text, text + 21, nano_usd / nanos).ptr;
  *end++ = '.';
  put_digits<9>(end, nano_usd % nanos);
  pen.wrote(static_cast<std::size_t>(end + 9 - text));
}

void append_milliseconds(Pen& pen, Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  const auto positive = count < 0 ? 0 : count;
  char* const text = pen.room(32);
  char* end = std::to_chars(text, text + 24, positive / 1000).ptr;
  *end++ = '.';
  put_digits<3>(end, positive % 1000);
  pen.wrote(static_cast<std::size_t>(end + 3 - text));
}

Level level_of(const RequestSummary& request) {
  if (request.local) return Level::debug;
  if (request.status >= 500 || request.ending == Ending::broken) return Level::error;
  return request.status >= 400 ? Level::warn : Level::info;
}

const AttemptSummary* answering(const RequestSummary& request) {
  const auto& attempts = request.attempts;
  // With nobody well the client may have got the words of an earlier one.
  const auto said =
      std::find_if(attempts.rbegin(), attempts.rend(),
                   [&](const AttemptSummary& attempt) { return attempt.status == request.status; });
  if (said != attempts.rend()) return &*said;
  return attempts.empty() ? nullptr : &attempts.back();
}

}  // namespace ccrelay::observe
