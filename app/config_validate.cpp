#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "config_check.hpp"
#include "http_get.hpp"
#include "relay_contact.hpp"
#include "running_relays.hpp"

namespace ccrelay::app {
namespace {

std::string key_count(const ProviderConfig& provider) {
  const std::size_t keys = provider.keys.size();
  if (keys == 0) return "no key of its own";
  return keys == 1 ? "1 key" : fmt::format("{} keys", keys);
}

std::vector<std::string> all_warnings(const Config& config) {
  std::vector<std::string> all = warnings_of(config);
  for (std::string& missing : missing_for_providers(config)) all.push_back(std::move(missing));
  return all;
}

/// Its lines, when all of them are about variables that are not set; else none.
std::vector<std::string> unset_variables(const std::string& mistakes) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < mistakes.size();) {
    const std::size_t end = std::min(mistakes.find('\n', at), mistakes.size());
    std::string line = mistakes.substr(at, end - at);
    const std::size_t variable = line.find(": environment variable ");
    if (variable == std::string::npos || line.find(" is not set; ") == std::string::npos) return {};
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

/// Whether a relay answers there which, as far as it is known here, has this file.
bool runs_with(const std::string& path, const ServerConfig& server) {
  constexpr std::chrono::seconds patience{2};
  if (!relay_health(server, patience)) return false;
  AskedRelay asked;
  asked.config = path;
  const Result<RelayContact> contact = find_relay(asked);
  return !contact || !contact->running || contact->running->config == absolute_path(path);
}

/// The configuration. A variable that a running relay has, and this shell has not, is no mistake of
/// the file: `warnings` then name it.
Result<Config> checked_config(const std::string& path, const Environment& env,
                              std::vector<std::string>& warnings) {
  Result<Config> config = load_config(path, env);
  if (config) return config;
  const auto read = load_config_leniently(path, env);
  if (!read) return config;
  auto unset = unset_variables(read->mistakes);
  if (unset.empty() || !runs_with(path, read->config.server)) return config;
  for (std::string& line : unset) {
    warnings.push_back(std::move(line) + " (a relay runs, which has it from its own environment)");
  }
  return read->config;
}

}  // namespace

int config_validate(const std::string& file) {
  const Environment env = process_environment();
  const Result<std::string> path = find_config(file, env);
  if (!path) return complain(path.error().message);
  if (path->empty()) {
    return complain("no configuration file was found; make one with: cc-relay config init");
  }
  std::vector<std::string> warnings;
  const Result<Config> config = checked_config(*path, env, warnings);
  if (!config) return complain(config.error().message);

  if (const auto missing = missing_files(*config); !missing.empty()) {
    for (const std::string& one : missing) complain(fmt::format("{}: {}", *path, one));
    return 1;
  }
  const auto certificate = check_certificate(config->server.tls, std::chrono::system_clock::now());
  if (!certificate) return complain(fmt::format("{}: {}", *path, certificate.error().message));
  for (const std::string& warning : *certificate) warnings.push_back(warning);
  for (const std::string& warning : warnings) say_warning(warning);
  for (const std::string& warning : all_warnings(*config)) say_warning(warning);

  fmt::print("{} is valid\n", *path);
  fmt::print("  listen: {}\n  strategy: {}\n", config->server.listen, config->routing.strategy);
  for (const ProviderConfig& provider : config->providers) {
    fmt::print("  provider {}: {}, {}{}\n", provider.name, provider.type, key_count(provider),
               provider.enabled ? "" : ", disabled");
  }
  return 0;
}

}  // namespace ccrelay::app
