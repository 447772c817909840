#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <string>

#include "http_get.hpp"

namespace ccrelay::app {

/// What a running relay says of its providers.
struct ProviderList {
  std::string json;   ///< an array, as GET /v1/providers has it
  std::string table;  ///< the same for a person, a line each with a heading; ends in a line break
};

/// Asks the relay at `place`, which has said already that it is one: it is shown
/// `token`.
Result<ProviderList> provider_list(const RelayPlace& place, const std::string& token,
                                   std::chrono::milliseconds timeout);

}  // namespace ccrelay::app
