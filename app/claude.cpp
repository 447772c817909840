#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "background_relay.hpp"
#include "certificate_bundle.hpp"
#include "claude_overrides.hpp"
#include "claude_settings.hpp"
#include "claude_sources.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "own_file.hpp"
#include "own_login.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr int not_found = 127;
constexpr std::size_t overlay_bytes_max = 4 << 20;

void apply(const std::vector<SettingsValue>& env) {
  for (const SettingsValue& each : env) {
    if (each.value.empty()) {
      ::unsetenv(each.name.c_str());
    } else {
      ::setenv(each.name.c_str(), each.value.c_str(), 1);
    }
  }
}

int exec_claude(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"claude"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execvp(pointers.front(), pointers.data());
  complain(fmt::format("claude could not be run: {}", std::generic_category().message(errno)));
  return not_found;
}

// In the child. Without the parent its relay goes away, so it does not outlive that one.
[[noreturn]] void become_claude(const std::vector<std::string>& arguments,
                                const std::vector<SettingsValue>& env, pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGHUP);
#endif
  if (::getppid() != parent) ::_exit(not_found);  // it died before that
  apply(env);
  ::_exit(exec_claude(arguments));
}

// Runs Claude Code in a child, which alone gets a changed environment. Ctrl-C is its business
// alone; SIGTERM and SIGHUP are passed on to it.
int run_claude(const std::vector<std::string>& arguments, const std::vector<SettingsValue>& env) {
  // Ignored, as some parents leave it, it would let nobody wait for a child.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t watched;
  sigset_t before;
  ::sigemptyset(&watched);
  for (const int each : {SIGCHLD, SIGTERM, SIGHUP}) ::sigaddset(&watched, each);
  ::sigprocmask(SIG_BLOCK, &watched, &before);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGQUIT, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    become_claude(arguments, env, parent);
  }
  if (child < 0) return complain("claude could not be started");

  while (true) {
    int signal = 0;
    ::sigwait(&watched, &signal);
    if (signal != SIGCHLD) {
      ::kill(child, signal);
      continue;
    }
    int ended = 0;
    if (::waitpid(child, &ended, WNOHANG) != child) continue;  // it was the relay
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
  }
}

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

std::string current_folder() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof path) == nullptr ? "." : path;
}

int run_with(const UsedRelay& relay, const std::string& url,
             const std::vector<ClaudeSource>& sources, const std::vector<std::string>& arguments) {
  const RelayContact& contact = relay.contact();
  const Result<bool> own_login = needs_own_login(contact);
  if (!own_login) return complain(own_login.error().message);
  const std::string token = *own_login              ? std::string()
                            : contact.token.empty() ? std::string(placeholder_token)
                                                    : contact.token;
  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  if (!folder) return complain(folder.error().message);
  Result<OwnFile> settings = OwnFile::make(folder->path, "settings");
  Result<OwnFile> bundle = OwnFile::make(folder->path, "bundle");
  if (!settings) return complain(settings.error().message);
  if (!bundle) return complain(bundle.error().message);

  const std::string already = effective_variable(sources, "NODE_EXTRA_CA_CERTS");
  const auto trusted = certificates_to_trust(contact.place.tls.cert_file, already, bundle->path());
  if (!trusted) return complain(trusted.error().message);
  const bool direct = !contact.named || is_loopback(host_and_port(url).host);
  const ClaudeOverrides overrides = overrides_for(url, token, *trusted, direct, sources);
  const Result<std::string> text = settings_text(arguments, overrides);
  if (!text) return complain(text.error().message);
  if (const auto written = settings->write(*text); !written) {
    return complain(written.error().message);
  }
  return run_claude(with_settings_argument(arguments, settings->path()), overrides.env);
}

}  // namespace

int claude(const AskedRelay& asked, const std::vector<std::string>& arguments) {
  const Result<RelayContact> found = find_relay(asked);
  if (!found) return complain(found.error().message);
  Result<std::string> url = local_url(found->place);
  if (!url) return complain(url.error().message);
  if (url->size() > 2 && url->compare(url->size() - 2, 2, ":0") == 0) {
    return complain(
        fmt::format("server.listen = \"{}\": claude needs a fixed port", found->place.listen));
  }
  if (!is_in_path("claude")) {
    return complain(
        "claude was not found in PATH; install Claude Code with: "
        "npm install -g @anthropic-ai/claude-code");
  }
  const std::vector<ClaudeSource> sources = claude_sources(process_environment(), current_folder());
  if (const auto free = check_managed(sources, *url); !free) return complain(free.error().message);
  if (!found->named && !found->running && !found->settings.mistakes.empty()) {
    // It would have to be started; what can't be is said in full.
    const Result<Meeting> meeting = meet(*found, std::chrono::seconds(5));
    if (!meeting) return complain(found->settings.mistakes);
  }
  const Result<UsedRelay> relay = UsedRelay::find_or_start(asked);
  if (!relay) return complain(relay.error().message);
  url = local_url(relay->contact().place);
  if (!url) return complain(url.error().message);
  return run_with(*relay, *url, sources, arguments);
}

void add_claude(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      add_command(app, "claude", "Run Claude Code through the relay, started if need be",
                  "  cc-relay claude\n"
                  "  cc-relay claude -p \"say hi\"\n"
                  "  cc-relay --url https://relay.example --token-file ~/relay-token claude\n"
                  "Everything behind `claude` goes to Claude Code as it is, --help too.",
                  line, [&line] { return claude(line.asked, line.claude_arguments); });
  leave_unread(*command);
}

}  // namespace ccrelay::app
