#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include "commands.hpp"

namespace ccrelay::app {
namespace {

std::string key_count(const ProviderConfig& provider) {
  const std::size_t keys = provider.keys.size();
  if (keys == 0) return "no key of its own";
  return keys == 1 ? "1 key" : fmt::format("{} keys", keys);
}

}  // namespace

int config_validate(const std::string& file) {
  const Environment env = process_environment();
  const Result<std::string> path = find_config(file, env);
  if (!path) return complain(path.error().message);
  if (path->empty()) {
    return complain("no configuration file was found; make one with: cc-relay config init");
  }
  const Result<Config> config = load_config(*path, env);
  if (!config) return complain(config.error().message);

  fmt::print("{} is valid\n", *path);
  fmt::print("  listen: {}\n  strategy: {}\n", config->server.listen, config->routing.strategy);
  for (const ProviderConfig& provider : config->providers) {
    fmt::print("  provider {}: {}, {}{}\n", provider.name, provider.type, key_count(provider),
               provider.enabled ? "" : ", disabled");
  }
  return 0;
}

}  // namespace ccrelay::app
