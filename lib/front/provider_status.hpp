#pragma once

#include <string_view>

#include <ccrelay/clock.hpp>

#include "exchange/answer.hpp"
#include "worker/snapshot.hpp"
#include "worker/tools.hpp"

namespace ccrelay::front {

/// GET /v1/providers: who there is, and in which state they and their keys are. Keys are told by
/// their fingerprint. With `who` only those that this client may use.
exchange::Answer list_providers(const worker::Snapshot& snapshot, const ClientConfig* who,
                                worker::Shared& shared, const Clock& clock);
/// GET /ready: whether any provider could take a request now.
exchange::Answer ready(const worker::Snapshot& snapshot, worker::Shared& shared,
                       const Clock& clock);

}  // namespace ccrelay::front
