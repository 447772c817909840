#include "provider/profile.hpp"

namespace ccrelay::provider {

const Profile* find_profile(std::string_view type) {
  using Auth = Profile::Auth;
  static const std::vector<Profile> table{
      {"anthropic",
       "anthropic",
       "https://api.anthropic.com",
       Auth::x_api_key,
       true,
       true,
       true,
       "/v1/models?limit=1",
       {"claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-4-8", "claude-haiku-4-5"}},
      {"zai",
       "zhipu",
       "https://api.z.ai/api/anthropic",
       Auth::x_api_key,
       true,
       false,
       false,
       "/v1/models?limit=1",
       {"GLM-5", "GLM-4.7", "GLM-4.5-Air"}},
      {"minimax",
       "minimax",
       "https://api.minimax.io/anthropic",
       Auth::bearer,
       true,
       false,
       false,
       "/v1/models?limit=1",
       {"MiniMax-M2.5", "MiniMax-M2.5-highspeed", "MiniMax-M2.1", "MiniMax-M2"}},
      {"ollama",
       "ollama",
       "http://localhost:11434",
       Auth::none,
       false,
       false,
       false,
       "/api/version",
       {}},
      // https://learn.microsoft.com/azure/ai-foundry/foundry-models/how-to/use-foundry-models-claude
      {"azure",
       "azure",
       "https://{azure_resource_name}.services.ai.azure.com/anthropic",
       Auth::x_api_key,
       true,
       false,
       false,
       "/",
       {"claude-opus-4-6", "claude-sonnet-4-5", "claude-haiku-4-5"},
       Cloud::azure,
       {},
       true},
      // https://docs.claude.com/en/api/claude-platform-on-aws
      {"anthropic_aws",
       "anthropic",
       "https://aws-external-anthropic.{aws_region}.api.aws",
       Auth::x_api_key,
       true,
       false,
       false,
       "/",
       {"claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-4-8", "claude-haiku-4-5"},
       Cloud::aws,
       "aws-external-anthropic",
       true},
  };
  for (const Profile& profile : table) {
    if (profile.type == type) return &profile;
  }
  return nullptr;
}

std::string filled_in(std::string_view base_url, const ProviderConfig& config) {
  std::string out(base_url);
  const auto put = [&](std::string_view name, const std::string& value) {
    if (const auto at = out.find(name); at != std::string::npos)
      out.replace(at, name.size(), value);
  };
  put("{azure_resource_name}", config.azure_resource_name);
  put("{aws_region}", config.aws_region);
  return out;
}

std::optional<Outcome> zai_outcome(std::string_view code) {
  if (code == "1302") return Outcome::rate_limited;
  if (code == "1305") return Outcome::overloaded;
  return {};
}

}  // namespace ccrelay::provider
