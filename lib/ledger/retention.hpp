#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>

#include "ledger/sqlite.hpp"

namespace ccrelay::ledger {

/// How long and how much is kept.
struct Kept {
  int days = 0;             ///< 0 = for ever
  std::uint64_t bytes = 0;  ///< 0 = any
};

/// Takes a piece of what is too old, or too much, out of an open ledger and gives its pages back.
/// A transaction of its own. What budgets go by stays. Whether there may be more to take out.
bool drop_piece(Database& database, const Kept& kept, WallTime now);
/// Whether the file is beyond its size.
bool is_too_large(Database& database, const Kept& kept);
/// Takes sums of spending out that are older than any budget.
void drop_old_spend(Database& database, WallTime now);

}  // namespace ccrelay::ledger
