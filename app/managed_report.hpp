#pragma once

#include <ccrelay/result.hpp>

#include "managed_relay.hpp"
#include "relay_report.hpp"

namespace ccrelay::app {

/// What a relay says of itself by its management, where its port does not let this command see: the
/// same report, without what the management does not tell (silences, a subscription's figures, a
/// configuration that was rejected, trouble of the ledger). Blocks.
Result<RelayReport> managed_report(ManagedRelay& relay);

}  // namespace ccrelay::app
