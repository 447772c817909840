#include "effective_config.hpp"

#include <ccrelay/config_load.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "claude_settings.hpp"

namespace ccrelay::app {
namespace {

ConfigReading reading(const std::string& asked, const std::string& listen) {
  const Environment env = process_environment();
  const Result<std::string> path = find_config(asked, env);
  if (!path) return {path.error()};
  if (!path->empty()) return read_config_file(*path, LoadOptions{{}, {}, env, listen});
  Config config = default_config(env);
  if (!listen.empty()) config.server.listen = listen;
  return {std::move(config)};
}

// Claude Code asks nobody else.
bool may_serve_claude(const ProviderConfig& provider) {
  constexpr std::string_view claude = "claude";
  const auto fits = [claude](std::string_view pattern) {
    if (pattern.ends_with('*')) pattern.remove_suffix(1);
    return claude.starts_with(pattern) || pattern.starts_with(claude);
  };
  const auto asked_by = [&](const auto& mapping) { return fits(mapping.first); };
  return provider.models.empty() ||
         std::any_of(provider.models.begin(), provider.models.end(), fits) ||
         std::any_of(provider.model_mapping.begin(), provider.model_mapping.end(), asked_by);
}

}  // namespace

ConfigReading effective_reading(const std::string& asked, const std::string& listen) {
  ConfigReading read = reading(asked, listen);
  if (read.config) set_own_defaults(*read.config);
  return read;
}

void set_own_defaults(Config& config) {
  if (!config.manage.socket) config.manage.socket = "auto";
}

Result<Config> effective_config(const std::string& asked, const std::string& listen) {
  return effective_reading(asked, listen).config;
}

std::string relay_secret(const AuthConfig& auth) {
  return std::string(auth.api_key.empty() ? auth.bearer_secret.reveal() : auth.api_key.reveal());
}

std::string client_token(const Config& config) {
  const std::string secret = relay_secret(config.server.auth);
  return secret.empty() ? std::string(placeholder_token) : secret;
}

bool needs_own_login(const Config& config) {
  const AuthConfig& auth = config.server.auth;
  if (!auth.api_key.empty() || !auth.bearer_secret.empty() || !auth.clients.empty()) return false;
  // Whoever comes in by a login of its own alone can't have the operator's keys spent.
  if (auth.allow_subscription) return true;
  bool any = false;
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.enabled || !may_serve_claude(provider)) continue;
    any = true;
    const bool own = provider.credentials == Credentials::passthrough ||
                     (provider.credentials == Credentials::automatic &&
                      provider.type == "anthropic" && provider.keys.empty());
    if (!own) return false;
  }
  return any;
}

}  // namespace ccrelay::app
