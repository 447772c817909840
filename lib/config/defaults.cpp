#include "base/ascii.hpp"
#include "config/address.hpp"
#include "config/environment.hpp"
#include "provider/types.hpp"

#include <ccrelay/config_load.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace ccrelay {
namespace {

using config::first_set;

ProviderConfig provider_of(std::string type, std::string key) {
  ProviderConfig provider;
  provider.name = type;
  provider.type = std::move(type);
  if (!key.empty()) {
    KeyConfig config;
    config.key = Secret(std::move(key));
    provider.keys.push_back(std::move(config));
  }
  return provider;
}

/// OLLAMA_HOST as its own clients read it: `host`, `host:port` or a URL. It is also what tells the
/// server where to listen, and "all addresses" is not one to connect to.
std::string ollama_url(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  std::string scheme = "http://";
  if (const auto end = text.find("://"); end != text.npos) {
    scheme = text.substr(0, end + 3);
    text.erase(0, end + 3);
  }
  const auto path = text.substr(std::min(text.find('/'), text.size()));
  auto authority = text.substr(0, text.size() - path.size());
  if (const auto address = config::parse_listen(authority)) {
    const auto& host = address->host;
    if (host.empty() || host == "0.0.0.0" || host == "::") {
      authority = "127.0.0.1:" + std::to_string(address->port);
    }
  } else if (authority == "0.0.0.0" || authority == "[::]") {
    authority = "127.0.0.1:11434";
  } else if (base::iequals(scheme, "http://")) {
    authority += ":11434";
  }
  return scheme + authority + path;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Config default_config(const Environment& env) {
  Config config;
  config.proxy = config::proxy_from(env);
  for (const auto& type : provider::types()) {
    // Where a cloud's provider is, no variable tells that is meant for this relay.
    if (type.cloud != Cloud::none || type.key_variable.empty()) continue;
    if (auto key = first_set(env, {type.key_variable}); !key.empty()) {
      config.providers.push_back(provider_of(std::string(type.name), std::move(key)));
      config.providers.back().models = words_of(type.own_models);
    }
  }
  if (auto host = first_set(env, {"OLLAMA_HOST"}); !host.empty()) {
    config.providers.push_back(provider_of("ollama", {}));
    config.providers.back().base_url = ollama_url(std::move(host));
  }
  auto places = std::make_shared<SettingPlaces>();
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const bool has_key = !config.providers[i].keys.empty();
    places->emplace("providers[" + std::to_string(i) + (has_key ? "].keys" : "].base_url"),
                    SettingPlace{0, SettingPlace::From::environment});
  }
  config.places = std::move(places);
  // A key of a vendor whose models are its own alone says nothing of the others: those are
  // Anthropic's, with the client's own credential.
  const bool serves_any =
      std::any_of(config.providers.begin(), config.providers.end(),
                  [](const ProviderConfig& provider) { return provider.models.empty(); });
  if (!serves_any) config.providers.push_back(provider_of("anthropic", {}));
  return config;
}

}  // namespace ccrelay
