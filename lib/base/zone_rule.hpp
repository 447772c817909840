#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ccrelay::base {

/// The rule of a time zone that goes on for ever, as POSIX writes it in TZ and a file of the
/// database in its last line: `CET-1CEST,M3.5.0,M10.5.0/3`. A value type; pure.
class ZoneRule {
 public:
  static std::optional<ZoneRule> parse(std::string_view text);

  /// Seconds east of UTC at that second since 1970.
  std::int32_t offset(std::int64_t time) const;

 private:
  // When a change comes, each year.
  struct Change {
    enum class Form : std::uint8_t { month, julian, day } form = Form::month;
    int month = 0, week = 0, weekday = 0;  // Mm.w.d
    int day = 0;                           // Jn, n
    std::int32_t time = 7200;              // seconds after midnight; may be negative
  };
  static bool take_change(std::string_view& text, Change& change);
  static std::int64_t second_of(const Change& change, int year);

  std::int32_t standard_ = 0;
  std::int32_t summer_ = 0;
  bool changes_ = false;
  Change begin_, end_;
};

}  // namespace ccrelay::base
