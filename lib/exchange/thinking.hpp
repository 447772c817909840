#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/provider.hpp>

#include <string>
#include <vector>

#include "exchange/client_request.hpp"
#include "state/signatures.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::exchange {

/// Who a signature is good for: where the provider is, and the family of the model that is sent
/// (not the one asked for: a mapped GLM is no Claude). Two accounts at the same address share it.
std::string issuer(const worker::Entry& entry, std::string_view model_sent);

/// The thinking blocks of a request that must not go to the issuer `here`: those known to come from
/// another issuer, or `all` of them. What nobody remembers stays: the provider will tell.
std::vector<Splice> thinking_cuts(state::Signatures& signatures, const ClientRequest& request,
                                  const std::string& here, bool all, TimePoint now);

}  // namespace ccrelay::exchange
