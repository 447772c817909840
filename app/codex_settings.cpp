#include "codex_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "config_client.hpp"
#include "files.hpp"
#include "toml_scan.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t codex_bytes_max = 4 << 20;
constexpr std::string_view codex_providers = "model_providers";

CodexSettings::Value codex_value(std::string_view text, const TomlStatement& statement) {
  const std::string_view raw = text.substr(statement.value, statement.value_end - statement.value);
  return {toml_string(raw).value_or(std::string(raw)), statement.line};
}

// Members of an inline table are not looked at: `config codex init` refuses such a file.
void read_codex_entry(std::string_view text, const std::vector<TomlStatement>& statements,
                      CodexSettings& settings) {
  for (const TomlStatement& each : statements) {
    if (each.path.size() < 2 || each.path[0] != codex_providers) continue;
    settings.has_relay = settings.has_relay || each.path[1] == codex_provider;
    if (each.path[1] != settings.provider.text || each.path.size() != 3) continue;
    const bool is_key = each.kind == TomlStatement::Kind::key;
    // A table, such as `auth`, is there and says no text.
    settings.entry[each.path[2]] =
        is_key ? codex_value(text, each) : CodexSettings::Value{{}, each.line};
  }
}

}  // namespace

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

std::string CodexSettings::said(std::string_view name) const {
  const auto found = entry.find(name);
  return found == entry.end() ? std::string() : found->second.text;
}

CodexSettings read_codex_settings(const Environment& env) {
  CodexSettings settings;
  const Result<std::string> file = codex_settings_file(env);
  if (!file) return settings;
  settings.file = *file;
  const Result<std::optional<std::string>> text = read_file(*file, codex_bytes_max);
  if (text && !*text) return settings;
  const auto statements =
      text ? read_toml(**text) : Result<std::vector<TomlStatement>>(text.error());
  if (!statements) {
    settings.unreadable = statements.error().message;
    return settings;
  }
  for (const TomlStatement& each : *statements) {
    if (each.kind != TomlStatement::Kind::key || each.path.size() != 1) continue;
    if (each.path[0] == "model_provider") settings.provider = codex_value(**text, each);
    if (each.path[0] == "openai_base_url") settings.openai_base_url = codex_value(**text, each);
  }
  read_codex_entry(**text, *statements, settings);
  return settings;
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
