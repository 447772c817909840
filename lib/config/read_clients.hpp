#pragma once

#include "config/reader.hpp"

#include <ccrelay/config.hpp>

namespace ccrelay::config {

/// The [[server.auth.clients]] of the table [server.auth].
void read_clients(TableReader& reader, AuthConfig& auth, Findings& findings);

}  // namespace ccrelay::config
