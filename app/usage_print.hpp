#pragma once

#include <ccrelay/usage_table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ccrelay::app {

/// What a report is printed for.
struct UsagePage {
  bool full = false;      ///< all digits
  bool bars = false;      ///< as on a terminal
  bool utf8 = true;       ///< what the terminal shows
  std::size_t width = 0;  ///< columns; 0 = as many as there are
  WallTime now{};         ///< years are told where it is another than this one's
};

/// A table for a person. Names in it can't move a cursor. Pure, as the other two.
std::string usage_text(const UsageTable& table, const UsageQuery& query, const UsagePage& page);
/// One line of JSON, schema 1 as docs/cli.md tells it.
std::string usage_json(const UsageTable& table, const UsageQuery& query);
/// RFC 4180, lines ending in `\n`.
std::string usage_csv(const UsageTable& table, const UsageQuery& query);

/// `36.900000000`: USD from nano-USD, all nine places.
std::string usd(std::int64_t nano_usd);
/// `31.22`; what is there but rounds to nothing is `<0.01`.
std::string short_usd(std::int64_t nano_usd);
/// `900`, `12.0k`, `1.2M`.
std::string short_count(std::uint64_t count);
/// A text field of CSV: quoted where it has to be; one that a spreadsheet would take for a formula
/// has a `'` in front.
std::string csv_field(const std::string& text);
std::string key_name(UsageKey key);

}  // namespace ccrelay::app
