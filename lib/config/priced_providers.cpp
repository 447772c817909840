#include <ccrelay/config.hpp>
#include <ccrelay/usage_table.hpp>

#include "provider/model_profiles.hpp"

namespace ccrelay {

std::map<std::string, PricedProvider, std::less<>> priced_providers(const Config& config) {
  // Profiles that can't be read are told by validate().
  const auto read = provider::profiles_of(config.translation);
  const dialect::Profiles& profiles = read ? *read : dialect::Profiles::shipped();
  std::map<std::string, PricedProvider, std::less<>> out;
  for (const ProviderConfig& each : config.providers) {
    out[each.name] = {each.type, each.price_factor, provider::price_profile(each, profiles),
                      !provider::profile_of(each, profiles, {}).told_cost.empty()};
  }
  return out;
}

}  // namespace ccrelay
