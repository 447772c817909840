#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "dialect/profiles.hpp"

namespace ccrelay::provider {

// What the models of one entry of the configuration take: its row of the profiles, and over that
// its [providers.quirks].

/// All that there are: those of the configuration's file in front of those that the relay brings.
Result<dialect::Profiles> profiles_of(const TranslationConfig& config);

/// By what prices know the server beside its name and type: by the profile where the type is
/// `openai`, which is anybody's; empty for the others.
std::string price_profile(const ProviderConfig& config, const dialect::Profiles& profiles);

/// Which row is meant: `auto` is the type's, or the one for the host that it is at.
std::string profile_name(const ProviderConfig& config, const dialect::Profiles& profiles);

/// One of the quirks; `toml` is its value as TOML has it. An error's message follows the key.
Result<dialect::ProfileSetting> read_quirk(std::string_view key, std::string_view toml);

/// All that can be used; what can't is told by validate().
std::vector<dialect::ProfileSetting> quirks_of(const ProviderConfig& config);

/// The profile of a model there.
dialect::Profile profile_of(const ProviderConfig& config, const dialect::Profiles& profiles,
                            std::string_view model);

}  // namespace ccrelay::provider
