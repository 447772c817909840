#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "exchange/answer.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::front {

/// In whose shape a list of models is told.
enum class ListShape : std::uint8_t {
  either,     ///< Anthropic's with the OpenAI-like fields beside it: who asks has not said
  anthropic,  ///< the same, for whoever said so
  openai,
  gemini,
};
/// Under /v1beta it is Gemini's, under /v1 that of the client's SDK.
ListShape list_shape(const Headers& headers, Dialect dialect);

/// GET /v1/models and /v1beta/models: what the configuration serves. Of Anthropic's list `query`
/// may hold `limit`, `after_id` and `before_id`; the others are told whole. With `who` only what
/// this client may ask for; with translation.enabled off only of providers that speak a dialect of
/// that shape.
exchange::Answer list_models(const worker::Snapshot& snapshot, const ClientConfig* who,
                             ListShape shape, std::string_view query);
/// GET /v1/models/{id} and /v1beta/models/{id}.
exchange::Answer one_model(const worker::Snapshot& snapshot, const ClientConfig* who,
                           ListShape shape, std::string_view id);

}  // namespace ccrelay::front
