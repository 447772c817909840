#include "provider/make_provider.hpp"

#include "provider/guarded.hpp"
#include "provider/types.hpp"

namespace ccrelay::provider {

Result<std::unique_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderTypes& more, base::ThrowLog log,
                                                const dialect::Profiles& profiles) {
  if (const auto found = more.find(config.type); found != more.end()) {
    return make_guarded(found->second.make, config, log);
  }
  if (const Type* type = find_type(config.type)) return type->make(*type, config, profiles);
  std::string known;
  for (const std::string_view name : type_names()) known += std::string(name) + ", ";
  known.resize(known.size() - 2);
  return Error{ErrorCode::config, "provider \"" + config.name + "\": type \"" + config.type +
                                      "\" is unknown; known are " + known +
                                      " and what RelayOptions::provider_types names"};
}

}  // namespace ccrelay::provider
