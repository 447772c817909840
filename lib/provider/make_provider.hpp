#pragma once

#include <ccrelay/provider.hpp>

#include <map>
#include <memory>
#include <string>

namespace ccrelay::provider {

/// The provider that an entry of the configuration asks for: a built-in type, or one of `more`.
Result<std::unique_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const std::map<std::string, ProviderFactory>& more);

}  // namespace ccrelay::provider
