#pragma once

#include "exchange/client_request.hpp"
#include "exchange/plan.hpp"
#include "state/client_limits.hpp"

namespace ccrelay::exchange {

/// What a client's limits are asked to keep for this request: what it may take of the first
/// candidate, and, where the request was weighed, cost. Of later ones nobody knows yet whether they
/// are asked.
state::ClientAsk client_ask(const ClientRequest& request, const Plan& plan);

}  // namespace ccrelay::exchange
