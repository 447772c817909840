#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "ledger/row.hpp"
#include "ledger/sqlite.hpp"

namespace ccrelay::ledger {

/// A request with what it adds to budgets.
struct Entry {
  Row row;
  std::int64_t spent = 0;
  /// The periods in which it ended: `d:2026-11-29`, `m:2026-11`; empty where nothing was spent.
  std::string day, month;
};

/// Writes batches into an open ledger; prepared once for it. Owned by the ledger's thread.
class BatchWriter {
 public:
  BatchWriter(Database& database, std::string relay);

  /// All in one transaction, or nothing: the database says what failed.
  void write(const std::deque<Entry>& entries);

 private:
  void add(const Row& row);
  void add_attempt(std::int64_t request, std::int64_t n, const Row::Attempt& attempt);
  void add_charge(std::int64_t request, std::int64_t attempt, std::int64_t n,
                  const UsageReport& usage, const Charge& charge);
  std::int64_t number(std::int64_t id);
  void add_spend(const std::deque<Entry>& entries);

  Database& database_;
  std::string relay_;
  Statement request_, attempt_, charge_, spend_, last_, keep_last_;
  std::int64_t last_id_ = 0;
};

}  // namespace ccrelay::ledger
