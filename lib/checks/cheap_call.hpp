#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/provider.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "worker/snapshot.hpp"

namespace ccrelay::checks {

/// A request that costs nothing, complete but for Host and Content-Length.
struct CheapCall {
  OutboundRequest out;
  std::string body;
};

/// How a type's credentials are judged, and whether it lists its models.
struct CheapCalls {
  std::string_view type;
  enum class Way {
    models,        ///< GET /v1/models?limit=1
    count_tokens,  ///< one word's tokens are counted
    health,        ///< Provider::health_check()
  } way;
  bool lists_models = false;
};
/// Of a type that the program brings along: its health check.
CheapCalls calls_of(std::string_view type);

/// Asks whether the credential is good. An error: it can't be asked with this one.
Result<CheapCall> cheap_call(const worker::Entry& entry, const Credential& credential,
                             CheapCalls::Way way, WallTime now);
/// Asks for the list of all models; `page` is the token of a later page, where lists have those.
Result<CheapCall> models_call(const worker::Entry& entry, const Credential& credential,
                              std::string_view page, WallTime now);

}  // namespace ccrelay::checks
