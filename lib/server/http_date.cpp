#include "server/http_date.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace ccrelay::server {

namespace {

void put_two(char* to, std::int64_t value) {
  to[0] = static_cast<char>('0' + value / 10 % 10);
  to[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

// By hand: each answer has one.
std::string http_date(WallTime time) {
  using namespace std::chrono;
  constexpr std::string_view days_of_week = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto whole = floor<seconds>(time);
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss clock(whole - day);
  std::string out = "Sun, 06 Nov 1994 08:49:37 GMT";
  char* const text = out.data();
  days_of_week.copy(text, 3, 3 * weekday(day).c_encoding());
  put_two(text + 5, static_cast<unsigned>(date.day()));
  months.copy(text + 8, 3, 3 * (static_cast<unsigned>(date.month()) - 1));
  put_two(text + 12, static_cast<int>(date.year()) / 100);
  put_two(text + 14, static_cast<int>(date.year()) % 100);
  put_two(text + 17, clock.hours().count());
  put_two(text + 20, clock.minutes().count());
  put_two(text + 23, clock.seconds().count());
  return out;
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
