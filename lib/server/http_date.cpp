#include "server/http_date.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace ccrelay::server {

std::string http_date(WallTime time) {
  using namespace std::chrono;
  static constexpr std::array days_of_week{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto whole = floor<seconds>(time);
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss clock(whole - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     days_of_week[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<ResponseHead> dated(const ResponseHead& head, const Clock& clock) {
  if (head.headers.contains("date")) return {};
  ResponseHead out;
  out.status = head.status;
  out.headers.reserve_for(head.headers);
  out.headers = head.headers;
  out.headers.add("date", http_date(clock.wall()));
  return out;
}

}  // namespace ccrelay::server
