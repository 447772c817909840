#pragma once

#include <ccrelay/observer.hpp>

#include "exchange/client_request.hpp"
#include "exchange/failure.hpp"
#include "exchange/target.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// How an attempt ended, as far as it tells something of its provider.
struct AttemptEnd {
  Outcome outcome;
  const Failure* failure;  ///< or null, as in settle()
};

/// What counts for and against a provider.
state::Breaker::Mark mark_of(const AttemptEnd& end);

/// Tells the keys and the breakers how an attempt ended, and the observer what changed by it.
/// `failure` is null when the attempt's answer was passed on or nobody wanted it any more.
void settle(worker::Tools& tools, const ClientRequest& request, Target& target,
            const AttemptSummary& summary, const Failure* failure, state::Heard heard);

/// Tells the observer that a provider's breaker changed its state.
void report(worker::Tools& tools, const std::string& provider, const state::Transition& transition,
            const std::string& request_id, bool counting = false);

}  // namespace ccrelay::exchange
