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
  };
  for (const Profile& profile : table) {
    if (profile.type == type) return &profile;
  }
  return nullptr;
}

std::optional<Outcome> zai_outcome(std::string_view code) {
  if (code == "1302") return Outcome::rate_limited;
  if (code == "1305") return Outcome::overloaded;
  return {};
}

}  // namespace ccrelay::provider
