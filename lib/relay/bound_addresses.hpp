#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <vector>

#include "loop/tcp.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::relay {

/// Whether a configuration may be in force at these addresses, which may be others than those that
/// it names: a relay that everybody may use is reached from this machine only, unless that is
/// allowed, and no provider is the relay itself. The error says what to do.
Result<void> check_addresses(const std::vector<loop::ListenAddress>& addresses,
                             const worker::Snapshot& snapshot);

/// The same of the management, which listens at these addresses, with or without TLS: where other
/// machines reach it, somebody has to be named who may come in.
Result<void> check_management(const std::vector<std::string>& addresses, bool tls,
                              const ManageConfig& manage);

}  // namespace ccrelay::relay
