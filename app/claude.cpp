#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "certificate_bundle.hpp"
#include "claude_overrides.hpp"
#include "claude_settings.hpp"
#include "claude_sources.hpp"
#include "client_run.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "own_file.hpp"
#include "own_login.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t overlay_bytes_max = 4 << 20;

constexpr RunClient claude_program = {
    "claude", "Claude Code", "npm install -g @anthropic-ai/claude-code", "NODE_EXTRA_CA_CERTS"};

// Nothing wins over managed settings.
Result<void> check_managed(const std::vector<ClaudeSource>& sources, const std::string& url) {
  for (const ClaudeSource& source : sources) {
    if (source.kind != ClaudeSource::Kind::managed) continue;
    for (const Obstacle& obstacle : obstacles_in(source, url, false)) {
      return Error{ErrorCode::config,
                   fmt::format("{} {}, and nothing wins over managed settings; have whoever "
                               "manages this machine take it out, or set env.{} to {} there",
                               obstacle.setting, obstacle.effect, base_url_name, url)};
    }
  }
  return {};
}

// The settings for this run: the user's own with the overrides in them. On a command line everybody
// could read them.
Result<std::string> settings_text(const std::vector<std::string>& arguments,
                                  const ClaudeOverrides& overrides) {
  const std::optional<std::string> given = settings_argument(arguments);
  std::string text = given.value_or("{}");
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || text[begin] != '{') {
    Result<std::optional<std::string>> file = read_file(text, overlay_bytes_max);
    if (!file) return file.error();
    if (!*file) return file_error("claude --settings: cannot read", text, ENOENT);
    text = **std::move(file);
  }
  Result<std::string> merged = with_overrides(text, overrides);
  if (merged) return merged;
  return Error{ErrorCode::config, "claude --settings: " + merged.error().message};
}

int run_with(const UsedRelay& relay, const std::string& url,
             const std::vector<ClaudeSource>& sources, const std::vector<std::string>& arguments) {
  const RelayContact& contact = relay.contact();
  const Result<bool> own_login = needs_own_login(contact);
  if (!own_login) return complain(own_login.error().message);
  const std::string token = *own_login ? std::string() : token_for(contact);
  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  if (!folder) return complain(folder.error().message);
  Result<OwnFile> settings = OwnFile::make(folder->path, "settings");
  Result<OwnFile> bundle = OwnFile::make(folder->path, "bundle");
  if (!settings) return complain(settings.error().message);
  if (!bundle) return complain(bundle.error().message);

  const std::string already = effective_variable(sources, claude_program.certificates);
  const auto trusted = certificates_to_trust(contact.place.tls.cert_file, already, bundle->path());
  if (!trusted) return complain(trusted.error().message);
  const ClaudeOverrides overrides =
      overrides_for(url, token, *trusted, is_direct(contact, url), sources);
  const Result<std::string> text = settings_text(arguments, overrides);
  if (!text) return complain(text.error().message);
  if (const auto written = settings->write(*text); !written) {
    return complain(written.error().message);
  }
  return run_client(claude_program, with_settings_argument(arguments, settings->path()),
                    overrides.env);
}

int claude(const AskedRelay& asked, const std::vector<std::string>& arguments) {
  const std::vector<ClaudeSource> sources = claude_sources(process_environment(), current_folder());
  const Result<UsedRelay> relay = relay_for(
      claude_program, asked, [&](const std::string& url) { return check_managed(sources, url); });
  if (!relay) return complain(relay.error().message);
  const Result<std::string> url = local_url(relay->contact().place);
  if (!url) return complain(url.error().message);
  return run_with(*relay, *url, sources, arguments);
}

}  // namespace

void add_claude(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      add_command(app, "claude", "Run Claude Code through the relay, started if need be",
                  "  cc-relay claude\n"
                  "  cc-relay claude -p \"say hi\"\n"
                  "  cc-relay --url https://relay.example --token-file ~/relay-token claude\n"
                  "Everything behind `claude` goes to Claude Code as it is, --help too.",
                  line, [&line] { return claude(line.asked, line.client_arguments); });
  leave_unread(*command);
}

}  // namespace ccrelay::app
