#include "claude_sources.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "claude_settings.hpp"
#include "files.hpp"
#include "json_splice.hpp"
#include "printable.hpp"

namespace ccrelay::app {
namespace {

using Kind = ClaudeSource::Kind;

constexpr std::size_t source_bytes_max = 4 << 20;
#ifdef __APPLE__
constexpr const char* managed_folder = "/Library/Application Support/ClaudeCode";
#else
constexpr const char* managed_folder = "/etc/claude-code";
#endif

void add_file(std::vector<ClaudeSource>& sources, Kind kind, const std::string& file) {
  Result<std::optional<std::string>> text = read_file(file, source_bytes_max);
  if (!text || !*text || !read_root(**text)) return;
  sources.push_back({kind, file, **std::move(text), {}});
}

// managed-settings.json, then what lies in managed-settings.d in the order of its names.
void add_managed(std::vector<ClaudeSource>& sources, const std::string& folder) {
  add_file(sources, Kind::managed, folder + "/managed-settings.json");
  const std::string parts = folder + "/managed-settings.d";
  for (const std::string& name : names_in(parts)) {
    const bool is_json = name.size() > 5 && name.compare(name.size() - 5, 5, ".json") == 0;
    if (is_json) add_file(sources, Kind::managed, parts + "/" + name);
  }
}

std::string string_member(const std::string& text, std::size_t open, std::string_view name) {
  const JsonObject object = read_object(text, open);
  const JsonMember* member = object.find(name);
  return member == nullptr ? std::string() : string_value(text, *member).value_or("");
}

bool carries_credential(std::string_view line) {
  std::string name(line.substr(0, line.find(':')));
  name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return c <= ' '; }), name.end());
  for (const char* each : {"authorization", "x-api-key", "api-key"}) {
    if (::strcasecmp(name.c_str(), each) == 0) return true;
  }
  return false;
}

}  // namespace

std::string ClaudeSource::variable(std::string_view variable) const {
  if (env) return env(variable).value_or("");
  const Result<JsonObject> root = read_root(text);
  const JsonMember* found = root ? root->find("env") : nullptr;
  if (found == nullptr || !is_object(text, *found)) return {};
  return string_member(text, found->value, variable);
}

std::string ClaudeSource::api_key_helper() const {
  if (env) return {};
  const Result<JsonObject> root = read_root(text);
  return root ? string_member(text, root->open, "apiKeyHelper") : std::string();
}

std::string ClaudeSource::place_of(std::string_view variable) const {
  return env ? fmt::format("{} in {}", variable, name)
             : fmt::format("env.{} in {}", variable, name);
}

std::vector<ClaudeSource> claude_sources(const Environment& env, const std::string& folder) {
  std::vector<ClaudeSource> sources;
  sources.push_back({Kind::environment, "the environment", {}, env});
  const Result<std::string> user = claude_settings_file(env);
  if (user) add_file(sources, Kind::user, *user);
  const std::string project = folder + "/.claude/settings.json";
  // In the home itself they are one file, which is the user's.
  std::error_code missing;
  if (!user || !std::filesystem::equivalent(*user, project, missing)) {
    add_file(sources, Kind::project, project);
  }
  add_file(sources, Kind::local, folder + "/.claude/settings.local.json");
  // Claude Code's own variable for it.
  const std::string managed = env("CLAUDE_CODE_MANAGED_SETTINGS_PATH").value_or("");
  add_managed(sources, managed.empty() ? managed_folder : managed);
  return sources;
}

const std::vector<std::string_view>& claude_switches() {
  static const std::vector<std::string_view> names = {
      "CLAUDE_CODE_USE_BEDROCK",       "CLAUDE_CODE_USE_VERTEX",
      "CLAUDE_CODE_USE_FOUNDRY",       "CLAUDE_CODE_USE_MANTLE",
      "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
      "CLAUDE_CODE_USE_GATEWAY",       "ANTHROPIC_UNIX_SOCKET",
  };
  return names;
}

bool is_on(std::string_view value) {
  for (const std::string_view off : {"", "0", "false", "no", "off"}) {
    if (value == off) return false;
  }
  return true;
}

bool is_same_url(std::string a, std::string b) {
  while (!a.empty() && a.back() == '/') a.pop_back();
  while (!b.empty() && b.back() == '/') b.pop_back();
  return a == b;
}

std::string remedy_for(const ClaudeSource& source, const Obstacle& obstacle) {
  if (source.kind == Kind::managed) return "only whoever manages this machine can take it out";
  if (!source.env) return "take it out of that file";
  return "unset " + obstacle.setting.substr(0, obstacle.setting.find(' '));
}

std::vector<Obstacle> obstacles_in(const ClaudeSource& source, const std::string& url,
                                   bool own_login) {
  std::vector<Obstacle> out;
  const auto add = [&](std::string_view variable, std::string effect) {
    out.push_back({source.place_of(variable), std::move(effect)});
  };
  const std::string base = source.variable(base_url_name);
  const bool elsewhere = !base.empty() && !is_same_url(base, url);
  if (elsewhere && source.kind != Kind::environment) {
    add(base_url_name, fmt::format("leads to {} instead", printable(base)));
  }
  for (const std::string_view name : claude_switches()) {
    if (is_on(source.variable(name))) add(name, "leads past the relay");
  }
  // Who says where the relay is may say by which token, too.
  if (own_login || (!base.empty() && !elsewhere && source.kind == Kind::managed)) return out;
  const std::string token = source.variable(token_name);
  const bool stronger = source.kind != Kind::environment && source.kind != Kind::user;
  if (!token.empty() && stronger) add(token_name, "takes the place of the relay's token");
  if (!source.variable("ANTHROPIC_API_KEY").empty()) {
    add("ANTHROPIC_API_KEY",
        "is sent beside the relay's token, and may be spent in place of the relay's keys");
  }
  const std::string headers = source.variable(custom_headers_name);
  if (without_credentials(headers).size() != headers.size()) {
    add(custom_headers_name, "carries a credential beside the relay's token");
  }
  if (!source.api_key_helper().empty()) {
    out.push_back(
        {fmt::format("apiKeyHelper in {}", source.name),
         "is sent beside the relay's token, and may be spent in place of the relay's keys"});
  }
  return out;
}

std::string without_credentials(std::string_view headers) {
  std::string out;
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find('\n'));
    headers.remove_prefix(std::min(headers.size(), line.size() + 1));
    if (!carries_credential(line)) (out += out.empty() ? "" : "\n").append(line);
  }
  return out;
}

std::string effective_variable(const std::vector<ClaudeSource>& sources, std::string_view name) {
  std::string value;
  for (const ClaudeSource& source : sources) {
    if (source.kind == Kind::managed) continue;
    if (std::string here = source.variable(name); !here.empty()) value = std::move(here);
  }
  return value;
}

}  // namespace ccrelay::app
