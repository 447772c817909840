#include <ccrelay/config_load.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "certificate_bundle.hpp"
#include "claude_settings.hpp"
#include "claude_sources.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "config_client.hpp"
#include "files.hpp"

namespace ccrelay::app {
namespace {

constexpr const char* certificates_name = "NODE_EXTRA_CA_CERTS";

std::string bundle_file() {
  const std::string state = xdg_directory(process_environment(), "XDG_STATE_HOME", ".local/state");
  return state.empty() ? state : state + "/cc-relay/ca-bundle.pem";
}

std::vector<ClaudeSource> sources_here() {
  return claude_sources(process_environment(), current_folder());
}

void warn_of_claudes_obstacles(const WantedRelay& relay) {
  const std::vector<ClaudeSource> sources = sources_here();
  for (const ClaudeSource& source : sources) {
    for (const Obstacle& obstacle : obstacles_in(source, relay.url, relay.token.empty())) {
      say_warning(fmt::format("{} {}; {}", obstacle.setting, obstacle.effect,
                              remedy_for(source, obstacle)));
    }
  }
  warn_of_proxy(
      "Claude Code", relay,
      effective_variable(sources, "HTTP_PROXY") + effective_variable(sources, "http_proxy"),
      effective_variable(sources, "NO_PROXY") + "," + effective_variable(sources, "no_proxy"));
}

Result<std::vector<ClientFile>> claudes_files(const WantedRelay& relay) {
  const Result<std::string> file = claude_settings_file(process_environment());
  if (!file) return file.error();
  ClientFile settings{claude_settings(*file), {{std::string(base_url_name), relay.url}}};
  if (!relay.token.empty()) settings.values.push_back({std::string(token_name), relay.token});
  const auto trusted = certificates_to_trust(
      relay.certificate, effective_variable(sources_here(), certificates_name), bundle_file());
  if (!trusted) return trusted.error();
  if (!trusted->empty()) settings.values.push_back({certificates_name, *trusted});
  return std::vector<ClientFile>{std::move(settings)};
}

void remove_bundle(const RestoredSettings& restored) {
  for (const auto* names : {&restored.removed, &restored.restored}) {
    if (std::count(names->begin(), names->end(), certificates_name) > 0) {
      ::unlink(bundle_file().c_str());
    }
  }
}

const ConfiguredClient claude_code = {
    "cc",
    "Claude Code",
    token_name,
    "so requests need Claude Code's own login.\n"
    "Either configure a key, or keep that login with: cc-relay config cc init --own-login",
    claudes_files,
    warn_of_claudes_obstacles,
    remove_bundle,
};

}  // namespace

void add_config_cc(CLI::App& config, CommandLine& line) {
  struct Options {
    std::string proxy_url;
    bool own_login = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* init = add_config_client(
      config, line, claude_code, "Set the relay's address and token in Claude Code's settings.json",
      [&line, options] {
        AskedRelay asked = line.asked;  // by either name of the option
        if (!options->proxy_url.empty()) asked.url = options->proxy_url;
        return config_client_init(claude_code, asked, options->own_login);
      });
  add_text(*init, "--proxy-url", options->proxy_url, "The older name of --url", "URL");
  add_flag(*init, "--own-login", options->own_login,
           "Set the address only; Claude Code's login stays");
}

}  // namespace ccrelay::app
