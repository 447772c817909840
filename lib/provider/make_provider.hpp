#pragma once

#include <ccrelay/provider.hpp>

#include <memory>

#include "base/throw_log.hpp"

namespace ccrelay::provider {

/// The provider that an entry of the configuration asks for: a built-in type, or one of `more`,
/// which the program brings along and whose exceptions `log` is told.
Result<std::unique_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderTypes& more, base::ThrowLog log = {});

}  // namespace ccrelay::provider
