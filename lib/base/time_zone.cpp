#include <ccrelay/time_zone.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "base/zone_rule.hpp"

namespace ccrelay {
namespace {

constexpr std::int64_t day_seconds = 86400;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// Big-endian numbers of a file, one behind the other.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : bytes_(bytes) {}
  bool ended() const { return ended_; }
  std::string_view text(std::size_t length) {
    if (length > bytes_.size()) {
      ended_ = true;
      return {};
    }
    const std::string_view part = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return part;
  }
  std::int64_t number(std::size_t length) {
    const std::string_view part = text(length);
    if (part.empty()) return 0;
    std::uint64_t value = static_cast<unsigned char>(part[0]) >= 0x80 ? ~0ull : 0;
    for (const char c : part) value = (value << 8) | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  bool ended_ = false;
};

// The head of each of the two parts of a file (RFC 8536 section 3.1).
struct Counts {
  std::int64_t utc = 0, standard = 0, leap = 0, times = 0, types = 0, chars = 0;
  char version = 0;

  bool read(Numbers& in) {
    if (in.text(4) != "TZif") return false;
    version = static_cast<char>(in.number(1));
    in.text(15);
    for (std::int64_t* each : {&utc, &standard, &leap, &times, &types, &chars}) {
      *each = in.number(4);
      if (*each < 0 || *each > 10000) return false;
    }
    return !in.ended() && types > 0;
  }
  std::size_t bytes(std::int64_t wide) const {
    return static_cast<std::size_t>(times * (wide + 1) + types * 6 + chars + leap * (wide + 4) +
                                    standard + utc);
  }
};

Error no_zone_file(const std::string& name) {
  return {ErrorCode::config, "the time zone " + name + " can't be read: its file is damaged"};
}

}  // namespace

struct TimeZone::Data {
  std::string name = "UTC";
  std::int32_t first = 0;              // before all changes
  std::vector<std::int64_t> changes;   // UTC seconds, ascending
  std::vector<std::int32_t> offsets;   // from each on
  std::optional<base::ZoneRule> rule;  // behind the last

  std::int32_t offset(std::int64_t time) const {
    const auto next = std::upper_bound(changes.begin(), changes.end(), time);
    if (next == changes.end() && rule) return rule->offset(time);
    return next == changes.begin() ? first
                                   : offsets[static_cast<std::size_t>(next - changes.begin()) - 1];
  }
};

TimeZone::TimeZone() : data_(std::make_shared<const Data>()) {}
TimeZone::~TimeZone() = default;
TimeZone::TimeZone(const TimeZone&) = default;
TimeZone& TimeZone::operator=(const TimeZone&) = default;
// What was moved from is still a zone: nothing here has to ask whether there is one.
TimeZone::TimeZone(TimeZone&& other) noexcept : data_(other.data_) {}
TimeZone& TimeZone::operator=(TimeZone&& other) noexcept {
  data_ = other.data_;
  return *this;
}
TimeZone::TimeZone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Result<TimeZone> TimeZone::from_rule(std::string name, std::string_view rule) {
  Data data;
  data.rule = base::ZoneRule::parse(rule);
  if (!data.rule) {
    return Error{ErrorCode::config, "the time zone " + name + " is no rule that POSIX knows"};
  }
  data.name = std::move(name);
  return TimeZone(std::make_shared<const Data>(std::move(data)));
}

Result<TimeZone> TimeZone::from_file(std::string name, std::string_view bytes) {
  Numbers in(bytes);
  Counts counts;
  if (!counts.read(in)) return no_zone_file(name);
  std::size_t wide = 4;
  if (counts.version >= '2') {  // all of it again, with wider numbers
    in.text(counts.bytes(4));
    if (!counts.read(in)) return no_zone_file(name);
    wide = 8;
  }
  Data data;
  for (std::int64_t i = 0; i < counts.times; ++i) data.changes.push_back(in.number(wide));
  std::vector<std::size_t> types;
  for (std::int64_t i = 0; i < counts.times; ++i) {
    types.push_back(static_cast<std::size_t>(in.number(1) & 0xFF));
  }
  std::vector<std::int32_t> offsets;
  for (std::int64_t i = 0; i < counts.types; ++i) {
    offsets.push_back(static_cast<std::int32_t>(in.number(4)));
    in.text(2);
  }
  in.text(static_cast<std::size_t>(counts.chars + counts.leap * static_cast<int>(wide + 4) +
                                   counts.standard + counts.utc));
  if (in.ended()) return no_zone_file(name);
  data.first = offsets.front();
  for (const std::size_t type : types) {
    if (type >= offsets.size()) return no_zone_file(name);
    data.offsets.push_back(offsets[type]);
  }
  std::string_view tail = in.rest();
  if (wide == 8 && tail.size() > 2 && tail.front() == '\n') {
    tail.remove_prefix(1);
    data.rule = base::ZoneRule::parse(tail.substr(0, tail.find('\n')));
  }
  if (!std::is_sorted(data.changes.begin(), data.changes.end())) return no_zone_file(name);
  data.name = std::move(name);
  return TimeZone(std::make_shared<const Data>(std::move(data)));
}

const std::string& TimeZone::name() const {
  return data_->name;
}

std::chrono::seconds TimeZone::offset(WallTime time) const {
  return std::chrono::seconds(data_->offset(seconds_of(time)));
}

LocalTime TimeZone::local(WallTime time) const {
  const std::chrono::seconds east = offset(time);
  const std::chrono::sys_seconds shown{std::chrono::seconds(seconds_of(time)) + east};
  const auto today = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date(today);
  const auto rest = (shown - today).count();
  LocalTime local;
  local.year = static_cast<int>(date.year());
  local.month = static_cast<int>(static_cast<unsigned>(date.month()));
  local.day = static_cast<int>(static_cast<unsigned>(date.day()));
  local.hour = static_cast<int>(rest / 3600);
  local.minute = static_cast<int>(rest / 60 % 60);
  local.second = static_cast<int>(rest % 60);
  local.weekday = static_cast<int>(std::chrono::weekday(today).iso_encoding());
  local.offset = east;
  return local;
}

WallTime TimeZone::instant(const LocalTime& local) const {
  // Months are carried by hand, all else by adding it up.
  const int months = local.year * 12 + local.month - 1;
  const int year = months >= 0 ? months / 12 : -((11 - months) / 12);
  const std::chrono::sys_days first =
      std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(months - year * 12 + 1)) /
      1;
  const std::int64_t shown = (first.time_since_epoch().count() + local.day - 1) * day_seconds +
                             local.hour * 3600LL + local.minute * 60LL + local.second;
  // What holds a day before and a day behind: no zone changes twice in between.
  const std::int32_t before = data_->offset(shown - day_seconds);
  const std::int32_t behind = data_->offset(shown + day_seconds);
  std::int64_t time = shown - before;
  if (data_->offset(time) != before && data_->offset(shown - behind) == behind) {
    time = shown - behind;
  }
  return WallTime(std::chrono::seconds(time));
}

WallTime TimeZone::day_begin(WallTime time, int days) const {
  LocalTime begin = local(time);
  begin.day += days;
  begin.hour = begin.minute = begin.second = 0;
  return instant(begin);
}

std::string rfc3339(const TimeZone& zone, WallTime time) {
  const LocalTime local = zone.local(time);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local.offset).count();
  const auto positive = minutes < 0 ? -minutes : minutes;
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", local.year,
                                   local.month, local.day, local.hour, local.minute, local.second);
  std::string out(text, static_cast<std::size_t>(length));
  if (minutes == 0) return out + "Z";
  std::snprintf(text, sizeof text, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                static_cast<int>(positive / 60 % 100), static_cast<int>(positive % 60));
  return out + text;
}

}  // namespace ccrelay
