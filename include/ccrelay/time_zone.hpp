#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ccrelay {

/// What a clock on the wall and a calendar show somewhere.
struct LocalTime {
  int year = 1970;
  int month = 1;                  ///< 1 to 12
  int day = 1;                    ///< 1 to 31
  int hour = 0;                   ///< 0 to 23
  int minute = 0;                 ///< 0 to 59
  int second = 0;                 ///< 0 to 59; leap seconds are not told
  int weekday = 4;                ///< ISO: 1 = Monday to 7 = Sunday
  std::chrono::seconds offset{};  ///< east of UTC
};

/// The time of a place, with its changes to summer time and back, from the machine's database of
/// time zones (RFC 8536). A value type; nothing in it changes, so threads may share it. Without
/// setenv(), so that it serves in a program with threads.
class [[gnu::visibility("default")]] TimeZone {
 public:
  /// UTC.
  TimeZone();
  ~TimeZone();
  TimeZone(const TimeZone&);
  TimeZone& operator=(const TimeZone&);
  TimeZone(TimeZone &&) noexcept;
  TimeZone& operator=(TimeZone&&) noexcept;

  /// `UTC`, `local` (what $TZ says, else /etc/localtime, else UTC), or a name of the database such
  /// as `Europe/Berlin`. Reads files. The error names what is allowed.
  static Result<TimeZone> find(std::string_view name);
  /// From a rule as POSIX has it in TZ: `CET-1CEST,M3.5.0,M10.5.0/3`.
  static Result<TimeZone> from_rule(std::string name, std::string_view rule);
  /// From the bytes of a file of the database.
  static Result<TimeZone> from_file(std::string name, std::string_view bytes);

  /// As a person knows it: `Europe/Berlin`, `UTC`; of a local one the name, where it has one.
  const std::string& name() const;
  /// How far its clocks are ahead of UTC then.
  std::chrono::seconds offset(WallTime time) const;
  LocalTime local(WallTime time) const;
  /// When its clocks show this; fields may be out of their range (day 0, month 13, hour -5) and are
  /// carried. Of a time that comes twice the first; of one that is left out, what clocks show that
  /// were not put forward. `offset` and `weekday` are not looked at.
  WallTime instant(const LocalTime& local) const;
  /// The beginning of that moment's day, moved by so many days: not always midnight, and a day has
  /// 23 or 25 hours twice a year.
  WallTime day_begin(WallTime time, int days = 0) const;

 private:
  struct Data;
  explicit TimeZone(std::shared_ptr<const Data> data);
  std::shared_ptr<const Data> data_;
};

/// `2026-11-29T12:40:00+01:00`, as RFC 3339 has it, in that zone.
[[gnu::visibility("default")]] std::string rfc3339(const TimeZone& zone, WallTime time);

}  // namespace ccrelay
