#include "codex_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config_client.hpp"
#include "toml_scan.hpp"

namespace ccrelay::app {

Result<std::string> codex_settings_file(const Environment& env) {
  const std::string directory = env("CODEX_HOME").value_or("");
  if (!directory.empty()) return directory + "/config.toml";
  const std::string home = env("HOME").value_or("");
  if (home.empty()) return no_settings_folder("Codex", "CODEX_HOME");
  return home + "/.codex/config.toml";
}

std::vector<SettingsValue> codex_values(const std::string& url, const SettingsValue& credential) {
  const std::string provider = fmt::format("model_providers.{}.", codex_provider);
  return {
      {"model_provider", std::string(codex_provider)},
      {provider + "name", std::string(codex_provider)},
      {provider + "base_url", url + "/v1"},
      {provider + "wire_api", "responses"},
      {provider + credential.name, credential.value},
  };
}

std::vector<std::string> codex_obstacles(const std::string& file, std::string_view text) {
  std::vector<std::string> found;
  const auto statements = read_toml(text);
  if (!statements) return found;
  for (const TomlStatement& each : *statements) {
    if (each.path.size() < 3 || each.path[0] != "model_providers" ||
        each.path[1] != codex_provider) {
      continue;
    }
    const std::string& name = each.path[2];
    if (name != "env_key" && name != "auth" && name != "requires_openai_auth") continue;
    found.push_back(
        fmt::format("{}:{}: model_providers.{}.{} says another credential than the "
                    "relay's token; take it out",
                    file, each.line, codex_provider, name));
  }
  return found;
}

}  // namespace ccrelay::app
