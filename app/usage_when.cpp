#include "usage_when.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "printable.hpp"

namespace ccrelay::app {
namespace {

constexpr int count_max = 10'000;

// So many digits, and nothing else, at a place of the text.
std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// A span of the calendar.
struct Span {
  WallTime begin{}, end{};
};

Span days_from(const TimeZone& zone, WallTime day, int count) {
  return {zone.day_begin(day), zone.day_begin(day, count)};
}

std::optional<Span> by_word(std::string_view text, const TimeZone& zone, WallTime now) {
  if (text == "today") return days_from(zone, now, 1);
  if (text == "yesterday") return Span{zone.day_begin(now, -1), zone.day_begin(now)};
  if (text == "this-week") {
    const int gone = zone.local(now).weekday - 1;
    return Span{zone.day_begin(now, -gone), zone.day_begin(now, 7 - gone)};
  }
  if (text == "this-month") return Span{month_begin(zone, now, 0), month_begin(zone, now, 1)};
  if (text == "last-month") return Span{month_begin(zone, now, -1), month_begin(zone, now, 0)};
  return std::nullopt;
}

// `2026-11` and `2026-11-29`.
std::optional<Span> by_date(std::string_view text, const TimeZone& zone) {
  const auto year = digits_at(text, 0, 4), month = digits_at(text, 5, 2);
  if (!year || !month || text[4] != '-' || *month < 1 || *month > 12 || *year < 1970) return {};
  LocalTime local;
  local.year = *year;
  local.month = *month;
  if (text.size() == 7) {
    LocalTime next = local;
    ++next.month;
    return Span{zone.instant(local), zone.instant(next)};
  }
  const auto day = digits_at(text, 8, 2);
  if (text.size() != 10 || text[7] != '-' || !day || *day < 1) return {};
  local.day = *day;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return {};
  LocalTime next = local;
  ++next.day;
  return Span{zone.instant(local), zone.instant(next)};
}

// `12h`, `7d`, `4w`, counted back from now; days and weeks with the one that runs.
std::optional<WallTime> by_count(std::string_view text, const TimeZone& zone, WallTime now) {
  if (text.size() < 2 || text.size() > 5) return std::nullopt;
  const auto count = digits_at(text, 0, text.size() - 1);
  if (!count || *count < 1 || *count > count_max) return std::nullopt;
  switch (text.back()) {
    case 'h':
      return now - std::chrono::hours(*count);
    case 'd':
      return zone.day_begin(now, 1 - *count);
    case 'w':
      return zone.day_begin(now, 1 - 7 * *count);
    default:
      return std::nullopt;
  }
}

// What stands behind the seconds: a fraction, which is left out, and where the clock is.
std::optional<std::chrono::minutes> offset_of(std::string_view rest) {
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') rest.remove_prefix(1);
  }
  if (rest == "Z" || rest == "z") return std::chrono::minutes(0);
  const auto hours = digits_at(rest, 1, 2), minutes = digits_at(rest, 4, 2);
  if (rest.size() != 6 || !hours || !minutes || rest[3] != ':' || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  if (rest[0] != '+' && rest[0] != '-') return std::nullopt;
  const std::chrono::minutes east = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return rest[0] == '-' ? -east : east;
}

std::optional<WallTime> by_rfc3339(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) return {};
  const auto day = by_date(text.substr(0, 10), TimeZone());
  const auto hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2),
             second = digits_at(text, 17, 2);
  const auto east = offset_of(text.substr(19));
  if (!day || !hour || !minute || !second || !east || text[13] != ':' || text[16] != ':' ||
      *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return day->begin + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) - *east;
}

}  // namespace

WallTime month_begin(const TimeZone& zone, WallTime time, int months) {
  const LocalTime now = zone.local(time);
  LocalTime begin;
  begin.year = now.year;
  begin.month = now.month + months;
  return zone.instant(begin);
}

Result<WallTime> parse_when(const std::string& text, WhenEnd end, const TimeZone& zone,
                            WallTime now) {
  const auto one_of = [end](const Span& span) {
    return end == WhenEnd::end ? span.end : span.begin;
  };
  if (const auto span = by_word(text, zone, now)) return one_of(*span);
  if (const auto span = by_date(text, zone)) return one_of(*span);
  if (const auto moment = by_count(text, zone, now)) return *moment;
  if (const auto moment = by_rfc3339(text)) return *moment;
  return Error{ErrorCode::config,
               fmt::format("{} is no time; one of: 2026-11-29, 2026-11, 2026-11-29T12:00:00Z, 12h, "
                           "7d, 4w, today, yesterday, this-week, this-month, last-month",
                           printable(text))};
}

}  // namespace ccrelay::app
