#include "ledger/retention.hpp"

#include <ccrelay/time_zone.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

#include "ledger/spend.hpp"

namespace ccrelay::ledger {
namespace {

constexpr std::int64_t piece_rows = 1000;
constexpr int spend_days = 400;

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// Of a file that is too large a part goes, however few requests it holds.
std::int64_t rows_for_size(Database& database) {
  const std::int64_t spread = database.number("SELECT max(id) - min(id) FROM requests");
  return std::clamp<std::int64_t>(spread / 20, 1, piece_rows);
}

std::vector<std::int64_t> oldest(Database& database, WallTime before, std::int64_t most) {
  Statement statement(database,
                      "SELECT id FROM requests WHERE time_ms < ? ORDER BY time_ms LIMIT ?");
  statement.put(milliseconds_of(before)).put(most);
  std::vector<std::int64_t> ids;
  while (statement.next()) ids.push_back(statement.number(0));
  return ids;
}

void drop(Database& database, const std::vector<std::int64_t>& ids) {
  for (const char* sql :
       {"DELETE FROM charges WHERE request = ?", "DELETE FROM attempts WHERE request = ?",
        "DELETE FROM requests WHERE id = ?"}) {
    Statement statement(database, sql);
    for (const std::int64_t id : ids) statement.put(id).run();
  }
}

}  // namespace

bool is_too_large(Database& database, const Kept& kept) {
  if (kept.bytes == 0) return false;
  const std::int64_t bytes =
      database.number("PRAGMA page_count") * database.number("PRAGMA page_size");
  return static_cast<std::uint64_t>(bytes) > kept.bytes;
}

bool drop_piece(Database& database, const Kept& kept, WallTime now) {
  database.run("BEGIN IMMEDIATE");
  std::vector<std::int64_t> ids;
  if (kept.days > 0) ids = oldest(database, now - std::chrono::hours(24) * kept.days, piece_rows);
  if (ids.empty() && is_too_large(database, kept)) {
    ids = oldest(database, WallTime::max(), rows_for_size(database));
  }
  drop(database, ids);
  database.run("COMMIT");
  if (database.failed()) {
    database.roll_back();
    return false;
  }
  if (!ids.empty()) database.run("PRAGMA incremental_vacuum");
  return !ids.empty();
}

void drop_old_spend(Database& database, WallTime now) {
  const Periods oldest = periods_at(TimeZone(), now - std::chrono::hours(24) * spend_days);
  Statement(database,
            "DELETE FROM spend WHERE (period >= 'd:' AND period < ?) OR "
            "(period >= 'm:' AND period < ?)")
      .put(oldest.day)
      .put(oldest.month)
      .run();
}

}  // namespace ccrelay::ledger
