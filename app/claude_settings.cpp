#include "claude_settings.hpp"

#include <optional>

#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

// Without a record only the placeholder shows that the two values are ours.
SettingsRecord guessed_record(std::string_view text) {
  SettingsRecord record;
  if (!claude_format().has(text, {{std::string(token_name), std::string(placeholder_token)}})) {
    return record;
  }
  const Result<JsonObject> root = read_root(text);
  const JsonObject env = read_object(text, root->find("env")->value);
  if (const JsonMember* url = env.find(base_url_name)) {
    if (const auto value = string_value(text, *url)) {
      record.keys.push_back({std::string(base_url_name), *value, std::nullopt});
    }
  }
  record.keys.push_back({std::string(token_name), std::string(placeholder_token), std::nullopt});
  record.made = 1;
  return record;
}

}  // namespace

Result<std::string> claude_settings_file(const Environment& env) {
  const std::string directory = env("CLAUDE_CONFIG_DIR").value_or("");
  if (!directory.empty()) return directory + "/settings.json";
  const std::string home = env("HOME").value_or("");
  if (home.empty()) {
    return Error{ErrorCode::config,
                 "cannot find Claude Code's settings: neither HOME nor CLAUDE_CONFIG_DIR is set"};
  }
  return home + "/.claude/settings.json";
}

SettingsFile claude_settings(std::string file) {
  return {std::move(file), &claude_format(), guessed_record};
}

}  // namespace ccrelay::app
