#include "server/http_date.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/header_name.hpp"

namespace ccrelay::server {

namespace {

void put_two(char* to, std::int64_t value) {
  to[0] = static_cast<char>('0' + value / 10 % 10);
  to[1] = static_cast<char>('0' + value % 10);
}

// By hand: each answer has one.
void put_date(char* text, std::chrono::sys_seconds time) {
  using namespace std::chrono;
  constexpr std::string_view days_of_week = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  days_of_week.copy(text, 3, 3 * weekday(day).c_encoding());
  put_two(text + 5, static_cast<unsigned>(date.day()));
  months.copy(text + 8, 3, 3 * (static_cast<unsigned>(date.month()) - 1));
  put_two(text + 12, static_cast<int>(date.year()) / 100);
  put_two(text + 14, static_cast<int>(date.year()) % 100);
  put_two(text + 17, clock.hours().count());
  put_two(text + 20, clock.minutes().count());
  put_two(text + 23, clock.seconds().count());
}

constexpr std::string_view date_form = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view date_field = "date: ";

// The line of the second that was asked for last: there are many answers in one.
struct DateLine {
  std::chrono::sys_seconds time = std::chrono::sys_seconds::min();
  char text[date_field.size() + date_form.size() + 2] = {};

  std::string_view of(std::chrono::sys_seconds asked) {
    if (time != asked) {
      date_field.copy(text, date_field.size());
      date_form.copy(text + date_field.size(), date_form.size());
      put_date(text + date_field.size(), asked);
      text[sizeof text - 2] = '\r';
      text[sizeof text - 1] = '\n';
      time = asked;
    }
    return {text, sizeof text};
  }
};

}  // namespace

std::string http_date(WallTime time) {
  std::string out(date_form);
  put_date(out.data(), std::chrono::floor<std::chrono::seconds>(time));
  return out;
}

std::string_view date_line(const ResponseHead& head, const Clock& clock) {
  if (head.headers.contains(base::HeaderName::date)) return {};
  thread_local DateLine line;
  return line.of(std::chrono::floor<std::chrono::seconds>(clock.wall()));
}

std::optional<ResponseHead> dated(const ResponseHead& head, const Clock& clock) {
  if (head.headers.contains(base::HeaderName::date)) return {};
  ResponseHead out;
  out.status = head.status;
  out.headers.reserve_for(head.headers);
  out.headers = head.headers;
  out.headers.add("date", http_date(clock.wall()));
  return out;
}

}  // namespace ccrelay::server
