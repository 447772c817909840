#pragma once

#include <ccrelay/provider.hpp>

#include <memory>

#include "base/throw_log.hpp"

namespace ccrelay::provider {

/// Makes a provider of a type that the program brings along, and stands around it: what it throws
/// becomes what Provider's contract says, and what it gives that can't be sent an error. The
/// relay's own code may then call a provider without a thought.
Result<std::unique_ptr<Provider>> make_guarded(const ProviderFactory& factory,
                                               const ProviderConfig& config, base::ThrowLog log);

}  // namespace ccrelay::provider
