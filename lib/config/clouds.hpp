#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/config_load.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.hpp"

namespace ccrelay::config {

/// A setting of a provider at a cloud: a text or a secret, and the types it is for.
struct CloudField {
  std::string_view key;
  std::string ProviderConfig::*text;  ///< or null
  Secret ProviderConfig::*secret;     ///< or null
  std::string_view types;             ///< with a blank between them
  std::string_view variables;         ///< of the environment, that say it when the file does not

  bool is_for(std::string_view type) const;
  bool is_set(const ProviderConfig& provider) const;
};

std::span<const CloudField> cloud_fields();

/// What the file leaves open and the clouds' own tools find in the environment: where the provider
/// is, and keys made for it alone. Who asks is found later, when it is needed.
void fill_from_environment(ProviderConfig& provider, const Environment& env);

/// Settings that are missing, half there, malformed or of another type.
void find_cloud_problems(const std::string& path, const ProviderConfig& provider,
                         std::vector<Problem>& problems);

}  // namespace ccrelay::config
