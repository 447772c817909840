#pragma once

#include <string>
#include <string_view>

#include "exchange/answer.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::front {

/// GET /v1/models: what the configuration serves, in Anthropic's list shape with the OpenAI-like
/// fields beside it. `query` may hold `limit`,
/// `after_id` and `before_id`. With `who` only what this client may ask for.
exchange::Answer list_models(const worker::Snapshot& snapshot, const ClientConfig* who,
                             std::string_view query);
/// GET /v1/models/{id}; the id as it stands in the path, percent-encoded.
exchange::Answer one_model(const worker::Snapshot& snapshot, const ClientConfig* who,
                           std::string_view encoded_id);

}  // namespace ccrelay::front
