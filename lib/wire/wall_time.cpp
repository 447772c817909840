#include "wire/wall_time.hpp"

#include <algorithm>
#include <ctime>
#include <string>

#include "base/ascii.hpp"

namespace ccrelay::wire {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Reads the front of `text` and cuts it off.
std::optional<WallTime> read_calendar(std::string_view& text, const char* format) {
  std::tm fields{};
  const std::string copy(text);
  const char* end = ::strptime(copy.c_str(), format, &fields);
  if (!end) return {};
  text.remove_prefix(static_cast<std::size_t>(end - copy.c_str()));
  // Nanoseconds in 64 bits end in the year 2262.
  constexpr std::time_t far = 9'000'000'000;
  const std::time_t time = std::clamp<std::time_t>(::timegm(&fields), 0, far);
  return WallTime(seconds(time));
}

std::optional<minutes> read_offset(std::string_view text) {
  if (text == "Z" || text == "z") return minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return {};
  const auto hour = base::parse_number(text.substr(1, 2));
  const auto minute = base::parse_number(text.substr(4, 2));
  if (!hour || *hour > 23 || !minute || *minute > 59) return {};
  const auto sum = static_cast<int>(*hour * 60 + *minute);
  return minutes(text[0] == '-' ? -sum : sum);
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::string_view rest = text;
    const auto time = read_calendar(rest, form);
    if (time && rest.empty()) return time;
  }
  return {};
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto local = read_calendar(text, "%Y-%m-%dT%H:%M:%S");
  if (!local) return {};
  if (text.substr(0, 1) == ".") {
    const auto digits_end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (digits_end == 1) return {};
    text.remove_prefix(digits_end);
  }
  const auto offset = read_offset(text);
  if (!offset) return {};
  return *local - *offset;
}

Duration wait_until(WallTime then, WallTime now) {
  return std::clamp<Duration>(std::chrono::duration_cast<Duration>(then - now), Duration(0),
                              wait_max);
}

}  // namespace ccrelay::wire
