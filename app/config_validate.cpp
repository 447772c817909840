#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "config_check.hpp"

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
  for (const auto& [section, tls] :
       {std::pair<const char*, const TlsConfig&>("server.tls", config->server.tls),
        {"manage.tls", config->manage.tls}}) {
    const auto certificate = check_certificate(tls, std::chrono::system_clock::now(), section);
    if (!certificate) return complain(fmt::format("{}: {}", *path, certificate.error().message));
    for (const std::string& warning : *certificate) warnings.push_back(warning);
  }
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

void add_config_validate(CLI::App& config, CommandLine& line) {
  const auto file = std::make_shared<std::string>();
  CLI::App* command = add_command(
      config, "validate", "Check a configuration and list every mistake",
      "  cc-relay config validate\n  cc-relay config check relay.toml", line,
      [&line, file] { return config_validate(file->empty() ? line.asked.config : *file); });
  add_alias(*command, "check");
  add_text(*command, "file", *file, "The file; default: the one serve would take", "FILE");
}

}  // namespace ccrelay::app
