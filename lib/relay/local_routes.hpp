#pragma once

#include <string>
#include <string_view>

#include "relay/errors.hpp"
#include "relay/snapshot.hpp"
#include "relay/worker.hpp"

namespace ccrelay::relay {

/// GET /v1/models: what the configuration serves, in Anthropic's list shape with the OpenAI-like
/// fields beside it. `query` may hold `limit`.
Answer list_models(const Snapshot& snapshot, std::string_view query, std::string_view request_id);
/// GET /v1/models/{id}.
Answer one_model(const Snapshot& snapshot, std::string_view id, std::string_view request_id);
/// GET /v1/providers.
Answer list_providers(const Snapshot& snapshot, Shared& shared, TimePoint now,
                      std::string_view request_id);
/// GET /ready: whether any provider could take a request now.
Answer ready(const Snapshot& snapshot, Shared& shared, TimePoint now, std::string_view request_id);

}  // namespace ccrelay::relay
