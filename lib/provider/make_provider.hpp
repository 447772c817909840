#pragma once

#include <ccrelay/provider.hpp>

#include <memory>

#include "base/throw_log.hpp"
#include "dialect/profiles.hpp"

namespace ccrelay::provider {

/// The provider that an entry of the configuration asks for: a built-in type, or one of `more`,
/// which the program brings along and whose exceptions `log` is told. `profiles` are looked at, and
/// not kept.
Result<std::unique_ptr<Provider>> make_provider(
    const ProviderConfig& config, const ProviderTypes& more, base::ThrowLog log = {},
    const dialect::Profiles& profiles = dialect::Profiles::shipped());

}  // namespace ccrelay::provider
