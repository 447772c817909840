#include "effective_config.hpp"

#include <ccrelay/config_load.hpp>

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

bool speaks_other_api(std::string_view type) {
  return type == "openai" || type == "azure_openai" || type == "gemini" || type == "gemini_vertex";
}

bool needs_own_login(const Config& config) {
  const AuthConfig& auth = config.server.auth;
  if (!auth.api_key.empty() || !auth.bearer_secret.empty() || !auth.clients.empty()) return false;
  // Whoever comes in by a login of its own alone can't have the operator's keys spent.
  if (auth.allow_subscription) return true;
  bool any = false;
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.enabled || speaks_other_api(provider.type)) continue;
    any = true;
    const bool own = provider.credentials == Credentials::passthrough ||
                     (provider.credentials == Credentials::automatic &&
                      provider.type == "anthropic" && provider.keys.empty());
    if (!own) return false;
  }
  return any;
}

}  // namespace ccrelay::app
