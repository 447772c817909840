#include "base/zone_rule.hpp"

#include <chrono>

namespace ccrelay::base {
namespace {

constexpr std::int32_t hour = 3600;
constexpr std::int64_t day = 86400;

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& text, int& value, int least, int most) {
  std::size_t length = 0;
  value = 0;
  while (length < text.size() && length < 4 && text[length] >= '0' && text[length] <= '9') {
    value = value * 10 + (text[length++] - '0');
  }
  text.remove_prefix(length);
  return length > 0 && value >= least && value <= most;
}

// `[+-]hh[:mm[:ss]]`, up to a week (RFC 8536 section 3.3.1).
bool take_time(std::string_view& text, std::int32_t& seconds) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!take(text, '-')) take(text, '+');
  int hours = 0, minutes = 0, rest = 0;
  if (!take_number(text, hours, 0, 167)) return false;
  if (take(text, ':') && !take_number(text, minutes, 0, 59)) return false;
  if (take(text, ':') && !take_number(text, rest, 0, 59)) return false;
  seconds = hours * hour + minutes * 60 + rest;
  if (negative) seconds = -seconds;
  return true;
}

// An abbreviation: three letters or more, or anything in angle brackets.
bool take_name(std::string_view& text) {
  if (take(text, '<')) {
    const auto end = text.find('>');
    if (end == std::string_view::npos || end < 3) return false;
    text.remove_prefix(end + 1);
    return true;
  }
  std::size_t length = 0;
  while (length < text.size() && ((text[length] | 0x20) >= 'a' && (text[length] | 0x20) <= 'z')) {
    ++length;
  }
  text.remove_prefix(length);
  return length >= 3;
}

std::int64_t days_to(int year, int month, int of_month) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) / 1)
             .time_since_epoch()
             .count() +
         of_month - 1;
}

}  // namespace

bool ZoneRule::take_change(std::string_view& text, Change& change) {
  if (take(text, 'M')) {
    change.form = Change::Form::month;
    if (!take_number(text, change.month, 1, 12) || !take(text, '.') ||
        !take_number(text, change.week, 1, 5) || !take(text, '.') ||
        !take_number(text, change.weekday, 0, 6)) {
      return false;
    }
  } else if (take(text, 'J')) {
    change.form = Change::Form::julian;
    if (!take_number(text, change.day, 1, 365)) return false;
  } else {
    change.form = Change::Form::day;
    if (!take_number(text, change.day, 0, 365)) return false;
  }
  return !take(text, '/') || take_time(text, change.time);
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  ZoneRule rule;
  std::int32_t west = 0;
  if (!take_name(text) || !take_time(text, west)) return std::nullopt;
  rule.standard_ = -west;
  if (text.empty()) return rule;
  if (!take_name(text)) return std::nullopt;
  rule.summer_ = rule.standard_ + hour;
  if (!text.empty() && text.front() != ',') {
    if (!take_time(text, west)) return std::nullopt;
    rule.summer_ = -west;
  }
  rule.changes_ = true;
  const bool whole = take(text, ',') && take_change(text, rule.begin_) && take(text, ',') &&
                     take_change(text, rule.end_);
  if (!whole || !text.empty()) return std::nullopt;
  return rule;
}

// The change's second of that year, on the clock that holds until then.
std::int64_t ZoneRule::second_of(const Change& change, int year) {
  std::int64_t days = 0;
  switch (change.form) {
    case Change::Form::month: {
      const std::int64_t first = days_to(year, change.month, 1);
      const std::int64_t weekday = (first % 7 + 11) % 7;  // 1970-01-01 was a Thursday
      std::int64_t of_month = (change.weekday - weekday + 7) % 7 + 7 * (change.week - 1);
      const std::int64_t next =
          change.month == 12 ? days_to(year + 1, 1, 1) : days_to(year, change.month + 1, 1);
      if (first + of_month >= next) of_month -= 7;  // the fifth means the last
      days = first + of_month;
      break;
    }
    case Change::Form::julian: {  // February 29 is never counted
      days = days_to(year, 1, change.day);
      if (change.day >= 60 && std::chrono::year(year).is_leap()) ++days;
      break;
    }
    case Change::Form::day:
      days = days_to(year, 1, 1) + change.day;
      break;
  }
  return days * day + change.time;
}

std::int32_t ZoneRule::offset(std::int64_t time) const {
  if (!changes_) return standard_;
  const std::int64_t local = time + standard_;
  const std::chrono::sys_days today{
      std::chrono::days(local >= 0 ? local / day : -((-local + day - 1) / day))};
  const int year = static_cast<int>(std::chrono::year_month_day(today).year());
  const std::int64_t begin = second_of(begin_, year) - standard_;
  const std::int64_t end = second_of(end_, year) - summer_;
  const bool summer = begin < end ? time >= begin && time < end : time >= begin || time < end;
  return summer ? summer_ : standard_;
}

}  // namespace ccrelay::base
