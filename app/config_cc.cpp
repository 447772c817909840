#include <ccrelay/config_load.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "certificate_bundle.hpp"
#include "claude_settings.hpp"
#include "claude_sources.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "effective_config.hpp"
#include "files.hpp"
#include "own_login.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds meeting_patience{5};
constexpr const char* certificates_name = "NODE_EXTRA_CA_CERTS";

void print_names(std::string_view what, const std::vector<std::string>& names) {
  for (const std::string& name : names) fmt::print("  {} env.{}\n", what, name);
}

void warn(const std::string& text) {
  say(fmt::format("cc-relay: warning: {}\n", text));
}

std::string bundle_file() {
  const std::string state = xdg_directory(process_environment(), "XDG_STATE_HOME", ".local/state");
  return state.empty() ? state : state + "/cc-relay/ca-bundle.pem";
}

std::vector<ClaudeSource> sources_here() {
  char path[PATH_MAX];
  return claude_sources(process_environment(), ::getcwd(path, sizeof path) == nullptr ? "." : path);
}

// Whether all that can't be read are the providers' own settings, such as keys that only the
// relay's environment has.
bool tells_enough(const LenientConfig& settings) {
  const auto lines = std::count(settings.mistakes.begin(), settings.mistakes.end(), '\n') + 1;
  return settings.mistakes.empty() ||
         (static_cast<std::size_t>(lines) == settings.unreadable.size() &&
          std::all_of(settings.unreadable.begin(), settings.unreadable.end(),
                      [](const std::string& path) { return path.rfind("providers[", 0) == 0; }));
}

// What would lead Claude Code elsewhere all the same, and what to do about it.
void warn_of_obstacles(const std::string& url, bool own_login, bool direct) {
  const std::vector<ClaudeSource> sources = sources_here();
  for (const ClaudeSource& source : sources) {
    for (const Obstacle& obstacle : obstacles_in(source, url, own_login)) {
      warn(fmt::format("{} {}; {}", obstacle.setting, obstacle.effect,
                       remedy_for(source, obstacle)));
    }
  }
  const std::string host = host_and_port(url).host;
  const std::string proxy =
      effective_variable(sources, "HTTP_PROXY") + effective_variable(sources, "http_proxy");
  const std::string none =
      effective_variable(sources, "NO_PROXY") + "," + effective_variable(sources, "no_proxy");
  if (direct && !proxy.empty() && none.find(host) == std::string::npos &&
      none.find('*') == std::string::npos) {
    warn(fmt::format("HTTP_PROXY is set, and Claude Code asks it for {} too; add {} to NO_PROXY",
                     url, host));
  }
}

void note_own_login() {
  say("cc-relay: note: no provider of this configuration has a key, so requests need "
      "Claude Code's own login.\n"
      "Either configure a key, or keep that login with: cc-relay config cc init "
      "--own-login\n");
}

// What the relay says to the token that was written, if one answers; else what the configuration
// tells.
void check_token(const RelayContact& contact, bool answers) {
  if (!answers) {
    if (!contact.named && needs_own_login(contact.settings.config)) note_own_login();
    return;
  }
  const Result<bool> own_login = needs_own_login(contact);
  if (!own_login) {
    warn(own_login.error().message);
  } else if (*own_login) {
    note_own_login();
  }
}

// Nobody may be there yet; whoever is, must be the relay.
Result<bool> somebody_answers(const RelayContact& contact) {
  const Result<Meeting> meeting = meet(contact, meeting_patience);
  if (meeting && !meeting->trusted()) return not_trusted(contact, *meeting);
  if (meeting || tells_enough(contact.settings)) return meeting.has_value();
  if (contact.named) return false;
  return Error{ErrorCode::config, contact.settings.mistakes};
}

// The mode of a file that others may read; 0 when they may not, or it is not there.
mode_t open_mode(const std::string& file) {
  struct stat info {};
  const bool open = ::stat(file.c_str(), &info) == 0 && (info.st_mode & 077) != 0;
  return open ? info.st_mode & 07777 : 0;
}

Result<std::vector<SettingsValue>> wanted_values(const RelayContact& contact,
                                                 const std::string& url, bool own_login) {
  std::vector<SettingsValue> values = {{std::string(base_url_name), url}};
  if (!own_login) {
    if (contact.token_unknown) {
      return Error{ErrorCode::config,
                   "the relay's token can't be read here; give it with "
                   "--token-file FILE:\n" +
                       contact.settings.mistakes};
    }
    values.push_back({std::string(token_name),
                      contact.token.empty() ? std::string(placeholder_token) : contact.token});
  }
  const auto trusted =
      certificates_to_trust(contact.place.tls.cert_file,
                            effective_variable(sources_here(), certificates_name), bundle_file());
  if (!trusted) return trusted.error();
  if (!trusted->empty()) values.push_back({certificates_name, *trusted});
  return values;
}

void print_values(const std::vector<SettingsValue>& values) {
  for (const SettingsValue& each : values) {
    if (each.name == token_name) {
      fmt::print("  env.{} is set\n", each.name);
    } else {
      fmt::print("  env.{} = {}\n", each.name, each.value);
    }
  }
}

}  // namespace

int config_cc_init(const AskedRelay& asked, bool own_login) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
  const Result<std::string> url = local_url(contact->place);
  if (!url) return complain(url.error().message);
  const Result<std::string> file = claude_settings_file(process_environment());
  if (!file) return complain(file.error().message);
  const Result<bool> answers = somebody_answers(*contact);
  if (!answers) return complain(answers.error().message);

  const Result<std::vector<SettingsValue>> values = wanted_values(*contact, *url, own_login);
  if (!values) return complain(values.error().message);
  const bool secret = !own_login && !contact->token.empty();
  const mode_t before = secret ? open_mode(*file) : 0;
  const Result<bool> changed = put_into_claude_settings(*file, *values, secret);
  if (!changed) return complain(changed.error().message);

  fmt::print("{} {}\n", *file, *changed ? "now points Claude Code at the relay:" : "is as wanted:");
  print_values(*values);
  if (before != 0) {
    fmt::print("  its mode is 0600 now instead of {:04o}, because the relay's token is in it\n",
               static_cast<unsigned>(before));
  }
  if (*changed) fmt::print("Take it back with: cc-relay config cc remove\n");
  if (!own_login) check_token(*contact, *answers);
  warn_of_obstacles(*url, own_login, !contact->named || is_loopback(host_and_port(*url).host));
  return 0;
}

int config_cc_remove() {
  const Result<std::string> file = claude_settings_file(process_environment());
  if (!file) return complain(file.error().message);
  const Result<RestoredSettings> restored = take_out_of_claude_settings(*file);
  if (!restored) return complain(restored.error().message);

  if (restored->removed.empty() && restored->restored.empty() && restored->left.empty()) {
    fmt::print("{} holds nothing that cc-relay put there\n", *file);
    return 0;
  }
  for (const auto* names : {&restored->removed, &restored->restored}) {
    if (std::count(names->begin(), names->end(), certificates_name) > 0) {
      ::unlink(bundle_file().c_str());
    }
  }
  fmt::print("{}{}\n", *file, restored->empty ? " is deleted, as nothing else was in it:" : ":");
  print_names("removed", restored->removed);
  print_names("restored the earlier value of", restored->restored);
  print_names("left, because it was changed since:", restored->left);
  return 0;
}

namespace {

// The relay that is asked, by either name of the option.
int init_for(const CommandLine& line, const std::string& proxy_url, bool own_login) {
  AskedRelay asked = line.asked;
  if (!proxy_url.empty()) asked.url = proxy_url;
  return config_cc_init(asked, own_login);
}

}  // namespace

void add_config_cc(CLI::App& config, CommandLine& line) {
  struct Options {
    std::string proxy_url;
    bool own_login = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* cc = add_group(config, "cc", "Point Claude Code at the relay, or back",
                           "  cc-relay config cc init\n  cc-relay config cc remove");
  CLI::App* init = add_command(
      *cc, "init", "Set the relay's address and token in Claude Code's settings.json",
      "  cc-relay config cc init\n"
      "  cc-relay config cc init --url https://relay.example --token-file ~/relay-token",
      line, [&line, options] { return init_for(line, options->proxy_url, options->own_login); });
  add_text(*init, "--proxy-url", options->proxy_url, "The older name of --url", "URL");
  add_flag(*init, "--own-login", options->own_login,
           "Set the address only; Claude Code's login stays");
  add_command(*cc, "remove", "Take back what init set, and nothing else",
              "  cc-relay config cc remove", line, [] { return config_cc_remove(); });
}

}  // namespace ccrelay::app
