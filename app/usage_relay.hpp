#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/usage_table.hpp>

#include "managed_relay.hpp"

namespace ccrelay::app {

/// The sums of a ledger whose file this user can't read, as its running relay's management adds
/// them up (QueryUsage). It tells less than the file: nothing of what caching saved, of broken
/// caches and of models without a price; `errors` are what failed without the client's own doing.
/// Blocks. ErrorCode::config when the management can't tell what is asked for.
Result<UsageTable> usage_of_relay(ManagedRelay& relay, const UsageQuery& query, WallTime now);

}  // namespace ccrelay::app
