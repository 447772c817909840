#pragma once

#include <set>
#include <string>

#include "facts.hpp"

namespace ccrelay::app::checks {

/// The names by which models are sent to a provider, as far as the configuration says: those that
/// are not mapped, and those that others are mapped to. Some may end in `*`.
std::set<std::string> models_sent(const ProviderConfig& entry);

/// Of all enabled providers' models those whose price is not known today, as `PROVIDER: MODEL`.
std::set<std::string> unpriced_models(const Facts& facts);

}  // namespace ccrelay::app::checks
