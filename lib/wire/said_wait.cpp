#include "wire/said_wait.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/ascii.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::wire {
namespace {

using std::chrono::minutes;

struct Unit {
  std::string_view name;
  double seconds;
};
// Longer names first: "ms" is no minute.
constexpr std::array units{
    Unit{"milliseconds", 0.001},
    Unit{"millisecond", 0.001},
    Unit{"msec", 0.001},
    Unit{"ms", 0.001},
    Unit{"毫秒", 0.001},
    Unit{"seconds", 1},
    Unit{"second", 1},
    Unit{"secs", 1},
    Unit{"sec", 1},
    Unit{"s", 1},
    Unit{"秒钟", 1},
    Unit{"秒", 1},
    Unit{"minutes", 60},
    Unit{"minute", 60},
    Unit{"mins", 60},
    Unit{"min", 60},
    Unit{"m", 60},
    Unit{"分钟", 60},
    Unit{"分", 60},
    Unit{"hours", 3600},
    Unit{"hour", 3600},
    Unit{"hrs", 3600},
    Unit{"hr", 3600},
    Unit{"h", 3600},
    Unit{"小时", 3600},
    Unit{"days", 86400},
    Unit{"day", 86400},
    Unit{"d", 86400},
    Unit{"天", 86400},
};

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '~')) text.remove_prefix(1);
}

// Digits with a fraction. Cuts them off.
std::optional<double> take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (is_ascii_digit(text[end]) || (text[end] == '.' && end > 0 && end + 1 < text.size() &&
                                        is_ascii_digit(text[end + 1])))) {
    ++end;
  }
  if (end == 0 || end > 18) return {};
  const double value = std::strtod(std::string(text.substr(0, end)).c_str(), nullptr);
  text.remove_prefix(end);
  return value;
}

std::optional<double> take_unit(std::string_view& text) {
  for (const Unit& unit : units) {
    if (!base::istarts_with(text, unit.name)) continue;
    const std::string_view rest = text.substr(unit.name.size());
    // "20 more": that "m" is no minute.
    if (is_ascii_letter(unit.name.front()) && !rest.empty() && is_ascii_letter(rest.front()))
      continue;
    text = rest;
    return unit.seconds;
  }
  return {};
}

// As many of them as follow one another: "1 hour, 5 minutes and 3 seconds". Cuts them off.
std::optional<Duration> take_duration(std::string_view& text) {
  double sum = 0;
  bool any = false;
  for (;;) {
    std::string_view ahead = text;
    while (!ahead.empty() && (ahead.front() == ' ' || ahead.front() == ',')) ahead.remove_prefix(1);
    if (any && base::istarts_with(ahead, "and ")) ahead.remove_prefix(4);
    skip_blanks(ahead);
    const auto value = take_number(ahead);
    if (!value) break;
    skip_blanks(ahead);
    const auto unit = take_unit(ahead);
    if (!unit) break;
    sum += *value * *unit;
    any = true;
    text = ahead;
  }
  if (!any) return {};
  return whole_duration(sum);
}

// Words in front of a length of time. Lower case.
constexpr std::string_view lengths[] = {
    "again in",     "again after",
    "retry in",     "retry after",
    "retry-after",  "reset in",
    "resets in",    "reset after",
    "resets after", "available in",
    "wait for",     "please wait",
    "wait about",   "wait at least",
    "wait another", "wait",
    "refresh in",   "refreshes in",
    "renews in",    "back in",
    "free in",      "expires in",
    "unblocked in", "restored in",
    "recover in",   "retry-in",
    "cooldown:",    "try in",
    "请等待",       "请在",
    "将在",         "请",
    "还需等待",     "约",
    "等待",
};
// And in front of a point in time.
constexpr std::string_view moments[] = {
    "reset at",  "resets at",        "reset on",         "resets on",    "reset time:",
    "resets:",   "regain access on", "regain access at", "available at", "available on",
    "again at",  "again on",         "retry at",         "until",        "renews on",
    "renews at", "refresh at",       "refreshes at",     "recover at",   "restored at",
    "reset_at",  "next reset",       "resets",           "reset",        "将在",
    "将于",      "重置时间",         "恢复时间",         "请于",         "请在",
};

// "2026-09-09 05:38:28", "2026-09-09T05:38:28.123Z", "2025-11-01 at 00:00 UTC".
std::optional<WallTime> take_date(std::string_view text, minutes zone) {
  while (!text.empty() && !is_ascii_digit(text.front())) {
    if (is_ascii_letter(text.front()) || text.front() == '.') return {};
    text.remove_prefix(1);
  }
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return {};
  std::string plain(text.substr(0, 10));
  text.remove_prefix(10);
  if (base::istarts_with(text, "T")) text.remove_prefix(1);
  skip_blanks(text);
  if (base::istarts_with(text, "at ")) text.remove_prefix(3);
  std::string clock = "00:00:00";
  if (text.size() >= 5 && is_ascii_digit(text[0]) && text[2] == ':') {
    clock = std::string(text.substr(0, 5)) + ":00";
    text.remove_prefix(5);
    if (text.size() >= 3 && text[0] == ':') {
      clock = clock.substr(0, 5) + std::string(text.substr(0, 3));
      text.remove_prefix(3);
    }
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(std::min(text.find_first_not_of("0123456789", 1), text.size()));
    }
  }
  const auto then = parse_rfc3339(plain + 'T' + clock + 'Z');
  if (!then) return {};
  skip_blanks(text);
  while (!text.empty() && (text.front() == '(' || text.front() == ' ')) text.remove_prefix(1);
  const bool named = base::istarts_with(text, "utc") || base::istarts_with(text, "gmt");
  if (named) text.remove_prefix(3);
  if (text.size() >= 2 && (text[0] == '+' || text[0] == '-') && is_ascii_digit(text[1])) {
    const bool west = text[0] == '-';
    text.remove_prefix(1);
    int hours = 0, part = 0;
    std::size_t i = 0;
    for (; i < text.size() && i < 2 && is_ascii_digit(text[i]); ++i)
      hours = hours * 10 + (text[i] - '0');
    if (i < text.size() && text[i] == ':') ++i;
    for (std::size_t j = 0; j < 2 && i < text.size() && is_ascii_digit(text[i]); ++i, ++j) {
      part = part * 10 + (text[i] - '0');
    }
    const minutes offset(hours * 60 + part);
    return *then - (west ? -offset : offset);
  }
  if (named || base::istarts_with(text, "z")) return *then;
  return *then - zone;
}

// What stands behind `words` in the message.
template <class Read>
void for_each_behind(std::string_view message, const std::string& lower, std::string_view words,
                     Read read) {
  for (auto at = lower.find(words); at != std::string::npos; at = lower.find(words, at + 1)) {
    // "await" is no "wait".
    if (at > 0 && is_ascii_letter(words.front()) && is_ascii_letter(lower[at - 1])) continue;
    read(message.substr(at + words.size()));
  }
}

bool is_chinese(std::string_view text) {
  // Ideographs from U+4E00 on take three bytes that begin with E4 to E9.
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xE4 && byte <= 0xE9;
  });
}

}  // namespace

Duration whole_duration(double seconds) {
  constexpr double year = 366.0 * 86400;
  const double bounded = std::clamp(std::isfinite(seconds) ? seconds : year, 0.0, year);
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double, std::milli>(bounded * 1000 - 1e-6));
}

std::optional<Duration> parse_duration(std::string_view text) {
  text = base::trim(text);
  std::string_view rest = text;
  if (const auto number = take_number(rest); number && rest.empty()) return whole_duration(*number);
  rest = text;
  const auto said = take_duration(rest);
  return said && base::trim(rest).empty() ? said : std::nullopt;
}

std::optional<WallTime> parse_moment(std::string_view text) {
  text = base::trim(text);
  std::string_view rest = text;
  if (const auto number = take_number(rest); number && rest.empty()) {
    // Ten digits are seconds of this century, thirteen milliseconds.
    if (*number < 1e9 || *number >= 1e14) return {};
    const double seconds = *number >= 1e11 ? *number / 1000 : *number;
    if (seconds > 9e9) return {};
    return WallTime(
        std::chrono::duration_cast<WallTime::duration>(std::chrono::duration<double>(seconds)));
  }
  if (const auto then = parse_rfc3339(text)) return then;
  if (const auto then = parse_http_date(text)) return then;
  return take_date(text, minutes(0));
}

std::optional<Duration> wait_in_words(std::string_view message, WallTime now, minutes zone) {
  const std::string lower = base::lower(message);
  if (is_chinese(message) || lower.find("beijing") != std::string::npos) zone = minutes(8 * 60);
  std::optional<Duration> longest;
  const auto take = [&](Duration said) { longest = std::max(longest.value_or(Duration(0)), said); };
  for (const std::string_view words : moments) {
    for_each_behind(message, lower, words, [&](std::string_view rest) {
      const auto then = take_date(rest.substr(0, 64), zone);
      if (then && *then > now) take(wait_until(*then, now));
    });
  }
  if (longest) return longest;
  for (const std::string_view words : lengths) {
    for_each_behind(message, lower, words, [&](std::string_view rest) {
      rest = rest.substr(0, 64);
      for (const std::string_view filler :
           {"about ", "approximately ", "around ", "the next ", "another "}) {
        skip_blanks(rest);
        if (base::istarts_with(rest, filler)) rest.remove_prefix(filler.size());
      }
      skip_blanks(rest);
      if (!rest.empty() && rest.front() == ':') rest.remove_prefix(1);
      if (const auto said = take_duration(rest); said && *said > Duration(0)) take(*said);
    });
  }
  if (longest) longest = std::min(*longest, wait_max);
  return longest;
}

}  // namespace ccrelay::wire
