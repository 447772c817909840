#pragma once

#include <ccrelay/result.hpp>

#include <memory>
#include <string>

#include "ledger/sqlite.hpp"

namespace ccrelay::ledger {

/// Opens a ledger for reading, which a relay may be writing. The error names the path: no such
/// file, no regular one.
Result<std::unique_ptr<Database>> open_ledger(const std::string& path);
/// What has failed, for a person.
Error reading_error(const Database& database, const std::string& path);

}  // namespace ccrelay::ledger
