#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "claude_settings.hpp"
#include "files.hpp"
#include "json_splice.hpp"
#include "printable.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* claude_code_settings_id = "claude.settings";
constexpr std::size_t settings_bytes_max = 4 << 20;

// Addresses of clouds' own forms, which a switch makes Claude Code look at.
constexpr std::string_view other_base_urls[] = {
    "ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
    "ANTHROPIC_VERTEX_BASE_URL",  "ANTHROPIC_FOUNDRY_BASE_URL",
    "ANTHROPIC_AWS_BASE_URL",
};

// Claude Code leaves out what it can't read: claude_sources() does, too.
bool check_readable(const Facts& facts, Findings& out) {
  std::vector<std::string> files;
  if (const auto user = claude_settings_file(facts.env)) files.push_back(*user);
  for (const char* name : {"/.claude/settings.json", "/.claude/settings.local.json"}) {
    if (files.empty() || files.front() != facts.folder + name) {
      files.push_back(facts.folder + name);
    }
  }
  bool fine = true;
  for (const std::string& file : files) {
    const auto text = read_file(file, settings_bytes_max);
    if (text && !*text) continue;
    const auto root = text ? read_root(**text) : Result<JsonObject>(text.error());
    if (root) continue;
    fine = false;
    out.error(claude_code_settings_id, file, root.error().message,
              "mend it: Claude Code takes nothing from a file that is no JSON");
  }
  return fine;
}

bool check_token(const Facts& facts, Findings& out) {
  const std::string token = effective_variable(facts.claude, token_name);
  if (token.empty() || facts.may_take(token)) return true;
  out.warning(claude_code_settings_id, std::string(token_name),
              "it is not the one that the relay takes", "set it anew: cc-relay config cc init");
  return false;
}

bool check_obstacles(const Facts& facts, const std::string& url, Findings& out) {
  bool fine = true;
  const bool own_login = effective_variable(facts.claude, token_name).empty();
  for (const ClaudeSource& source : facts.claude) {
    for (const Obstacle& obstacle : obstacles_in(source, url, own_login)) {
      fine = false;
      out.warning(claude_code_settings_id, obstacle.setting, obstacle.effect,
                  remedy_for(source, obstacle));
    }
    for (const std::string_view name : other_base_urls) {
      const std::string value = source.variable(name);
      if (value.empty()) continue;
      fine = false;
      const Obstacle obstacle{
          source.place_of(name),
          fmt::format("leads to {} where that cloud is switched on", printable(value))};
      out.warning(claude_code_settings_id, obstacle.setting, obstacle.effect,
                  remedy_for(source, obstacle));
    }
  }
  return fine;
}

}  // namespace

void check_claude_settings(const Facts& facts, Findings& out) {
  if (!check_readable(facts, out)) return;
  const Result<std::string> url = facts.relay_url();
  if (!url) {
    out.skipped(claude_code_settings_id, "", url.error().message);
    return;
  }
  const std::string base = facts.claude_url();
  if (base.empty()) {
    out.skipped(claude_code_settings_id, "",
                "they don't lead to the relay; cc-relay claude needs none, cc-relay "
                "config cc init sets them");
    return;
  }
  bool fine = check_obstacles(facts, *url, out);
  const ClaudeSource& environment = facts.claude.front();
  const bool by_environment = environment.variable(base_url_name) == base;
  if (!is_same_url(base, *url) && by_environment) {
    fine = false;
    out.warning(claude_code_settings_id, environment.place_of(base_url_name),
                fmt::format("leads to {} and not to the relay at {}", printable(base), *url),
                fmt::format("unset {}", base_url_name));
  }
  if (is_same_url(base, *url) && !check_token(facts, out)) fine = false;
  if (fine) out.ok(claude_code_settings_id, "", fmt::format("they lead to the relay at {}", *url));
}

}  // namespace ccrelay::app::checks
