#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>

#include "exchange/client_request.hpp"
#include "exchange/failure.hpp"
#include "exchange/target.hpp"
#include "state/refusals.hpp"
#include "worker/snapshot.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// What must not go along to this provider for this model: what its pages, the configuration and
/// experience say, and what this request has found out (`left_out`), each with its other half.
/// Empty for a request that goes on untouched. Of a client that speaks a cloud's own form only what
/// experience says.
/// `sent` is the request as it is before that.
Unsupported unsupported_by(worker::Tools& tools, const worker::Entry& entry,
                           const ClientRequest& request, const ProviderRequest& sent,
                           const Unsupported& left_out);

/// Says in the log at debug level what will not go along, as far as it was sent.
void trace_left_out(worker::Tools& tools, const ClientRequest& request, const std::string& provider,
                    const Unsupported& unsupported);

/// What of the request the provider says it does not take: put down in `failure`, which is a
/// rejection. `message` in the provider's words. Whether there was any reasoning to be refused, the
/// attempt knows.
void look_for_what_was_refused(Failure& failure, const Target& target, const ProviderRequest& sent,
                               int status, std::string_view message);

/// Takes out of `refused` what `known` has: it did not go along.
void leave_out(Unsupported& refused, const Unsupported& known);

/// Remembers what a provider has proven not to take, and says so in the log where it is news.
void learn_unsupported(worker::Tools& tools, const ClientRequest& request,
                       const std::string& provider, const std::string& upstream_model,
                       const state::Proven& proven);

}  // namespace ccrelay::exchange
