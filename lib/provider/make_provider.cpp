#include "provider/make_provider.hpp"

#include "provider/anthropic_compatible.hpp"
#include "provider/bedrock.hpp"
#include "provider/vertex.hpp"

namespace ccrelay::provider {

Result<std::unique_ptr<Provider>> make_provider(
    const ProviderConfig& config, const std::map<std::string, ProviderFactory>& more) {
  if (const auto found = more.find(config.type); found != more.end()) {
    return found->second(config);
  }
  if (const Profile* profile = find_profile(config.type)) {
    return std::unique_ptr<Provider>(std::make_unique<AnthropicCompatible>(*profile, config));
  }
  if (config.type == "bedrock") return std::unique_ptr<Provider>(std::make_unique<Bedrock>(config));
  if (config.type == "vertex") return std::unique_ptr<Provider>(std::make_unique<Vertex>(config));
  return Error{ErrorCode::config,
               "provider \"" + config.name + "\": type \"" + config.type +
                   "\" is unknown; known are anthropic, zai, minimax, ollama, azure, "
                   "bedrock, vertex, anthropic_aws and what RelayOptions::provider_types names"};
}

}  // namespace ccrelay::provider
