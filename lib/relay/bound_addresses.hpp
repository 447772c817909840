#pragma once

#include <ccrelay/result.hpp>

#include <vector>

#include "loop/tcp.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::relay {

/// Whether a configuration may be in force at these addresses, which may be others than those that
/// it names: a relay that everybody may use is reached from this machine only, unless that is
/// allowed, and no provider is the relay itself. The error says what to do.
Result<void> check_addresses(const std::vector<loop::ListenAddress>& addresses,
                             const worker::Snapshot& snapshot);

}  // namespace ccrelay::relay
