#pragma once

#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// The last step of a request that came in another dialect, to a provider that speaks Anthropic's
/// format: what the hub carries becomes what this provider and model take. Reasoning goes back only
/// to whom it came from; names and ids are made to fit; sampling and thinking are what the profile
/// says; what repeats from turn to turn is marked for the prompt cache, which clients of other
/// dialects cannot ask for. A request that was Anthropic's from the beginning does not come here.
Translation to_anthropic_request(std::string_view hub, const TranslateOptions& options);

}  // namespace ccrelay::dialect
