#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <string_view>

namespace ccrelay::app {

/// The configuration that --config, the environment and the usual places lead to, or the built-in
/// one when there is no file; then Config::source is empty.
/// `listen` stands in place of its server.listen, unless it is empty.
Result<Config> effective_config(const std::string& asked, const std::string& listen = {});

/// The same, with the files that were read.
ConfigReading effective_reading(const std::string& asked, const std::string& listen);

/// What the program has where neither the configuration nor the library does: a management socket.
void set_own_defaults(Config& config);

/// What the command line says of the relay that is asked.
struct AskedRelay {
  std::string config;      ///< --config
  std::string url;         ///< --url
  std::string token_file;  ///< --token-file
};

/// The secret that a relay asks of its clients; empty when it asks for none.
std::string relay_secret(const AuthConfig& auth);

/// What a client presents to the relay: its api_key or bearer_secret, or else the placeholder.
std::string client_token(const Config& config);

/// Whether a provider of that type speaks another API than Anthropic's: a key of its own says
/// nothing of how Claude's models are paid for.
bool speaks_other_api(std::string_view type);

/// Whether the client's own credential is all there is to reach the providers with.
bool needs_own_login(const Config& config);

}  // namespace ccrelay::app
