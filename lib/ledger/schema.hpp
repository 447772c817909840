#pragma once

#include <span>
#include <string>

#include "ledger/sqlite.hpp"

namespace ccrelay::ledger {

/// The file's form, and how a file gets it.

/// "CCRY": whose database it is.
inline constexpr int application_id = 0x43435259;
inline constexpr int schema_version = 1;

/// From `version` to the next one.
struct Migration {
  int version = 0;
  const char* sql = nullptr;
};
/// Version 1 is the first that there was.
std::span<const Migration> migrations();

/// Makes a new file's tables, or brings those of an older version up to `version`, behind a copy
/// `PATH.v1`. Fails with Fault::newer or Fault::foreign for a file that isn't this version's to
/// touch. `network`: without a write-ahead log, which needs memory that machines don't share.
void prepare(Database& database, const std::string& path, bool network, std::string_view ledger_id,
             std::span<const Migration> steps = migrations(), int version = schema_version);

/// For readers: fails for a file that is no ledger, or a newer one's.
void check_version(Database& database, const std::string& path);

}  // namespace ccrelay::ledger
