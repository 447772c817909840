#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is asked of the ledger by the management of a relay; see manage_types.hpp.
namespace ccrelay::management {

/// What sums are split by.
enum class UsageDimension : std::uint8_t {
  unspecified,
  provider,    ///< that answered
  model,       ///< asked for
  model_sent,  ///< sent
  client,
  key,      ///< fingerprint
  session,  ///< of Claude Code
  agent,    ///< within a session
};

/// Into which times sums are cut.
enum class UsageInterval : std::uint8_t {
  unspecified,  ///< not at all
  minute,       ///< at most a day of them
  hour,
  day,    ///< of `time_zone`, as the next two
  week,   ///< from Monday
  month,  ///< of the calendar
};

/// How rows are ordered.
enum class UsageOrder : std::uint8_t {
  unspecified,  ///< by time, then by cost
  cost,         ///< most expensive first
  tokens,       ///< most first
  requests,     ///< most first
};

/// Which entries. What is set must all fit; of a list, one must.
struct UsageFilter {
  std::vector<std::string> providers;  ///< that answered
  std::vector<std::string> models;     ///< asked for, exact or ending in `*`
  std::vector<std::string> clients;
  std::vector<std::string> keys;      ///< fingerprints
  std::vector<std::string> sessions;  ///< exact
};

/// What to add up.
struct UsageQuery {
  std::optional<WallTime> start_time;  ///< absent: from the beginning of the ledger
  std::optional<WallTime> end_time;    ///< exclusive; absent: up to now
  std::vector<UsageDimension> group_by;
  UsageInterval interval = UsageInterval::unspecified;
  std::string time_zone;  ///< IANA name; empty = `ledger.timezone`
  UsageFilter filter;
  UsageOrder order_by = UsageOrder::unspecified;
  std::int32_t page_size = 0;  ///< rows at most; see PageAsk
  std::string page_token;
};

/// One sum.
struct UsageRow {
  std::optional<WallTime> start_time;  ///< beginning of its interval; absent without one
  std::vector<std::string> group;      ///< a value for each of `group_by`; empty where none was
  Totals totals;
};

/// One page of sums.
struct UsageReport {
  std::vector<UsageRow> rows;
  Totals total;  ///< over all pages
  std::string next_page_token;
  std::optional<WallTime> ledger_start_time;  ///< the oldest entry; absent when there is none
  std::uint64_t pending = 0;                  ///< ended, but not in the ledger yet
};

/// Which single requests of the ledger.
struct UsageRecordsQuery {
  std::optional<WallTime> start_time;
  std::optional<WallTime> end_time;  ///< exclusive
  UsageFilter filter;
  std::int32_t page_size = 0;
  std::string page_token;
};

/// One page of them, newest first; without attempts, paths and addresses, which the ledger does not
/// keep. Their `id` is the ledger's: `ledger-17`.
struct UsageRecords {
  std::vector<Request> records;
  std::string next_page_token;
};

}  // namespace ccrelay::management
