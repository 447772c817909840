#pragma once

#include <string_view>

#include <ccrelay/clock.hpp>

#include "exchange/errors.hpp"
#include "worker/snapshot.hpp"
#include "worker/worker.hpp"

namespace ccrelay::relay {

/// GET /v1/providers: who there is, and in which state they and their keys are. Keys are told by
/// their fingerprint.
Answer list_providers(const Snapshot& snapshot, Shared& shared, const Clock& clock,
                      std::string_view request_id);
/// GET /ready: whether any provider could take a request now.
Answer ready(const Snapshot& snapshot, Shared& shared, const Clock& clock,
             std::string_view request_id);

}  // namespace ccrelay::relay
