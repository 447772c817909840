#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "background_relay.hpp"
#include "claude_settings.hpp"
#include "commands.hpp"
#include "effective_config.hpp"
#include "http_get.hpp"

namespace ccrelay::app {
namespace {

constexpr int not_found = 127;

bool is_in_path(const std::string& program) {
  const char* all = std::getenv("PATH");
  std::string path = all == nullptr ? "" : all;
  path += ':';
  std::size_t start = 0;
  for (std::size_t end = path.find(':'); end != std::string::npos; end = path.find(':', start)) {
    const std::string folder = end == start ? "." : path.substr(start, end - start);
    const std::string file = folder + "/" + program;
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        ::access(file.c_str(), X_OK) == 0) {
      return true;
    }
    start = end + 1;
  }
  return false;
}

// Without keys the relay passes Claude Code's own login on, so that one must stay.
void set_environment(const Config& config, const std::string& url) {
  ::setenv(std::string(base_url_name).c_str(), url.c_str(), 1);
  // Node.js trusts no certificate of one's own making unless it is told to.
  const TlsConfig& tls = config.server.tls;
  if (tls.enabled()) ::setenv("NODE_EXTRA_CA_CERTS", tls.cert_file.c_str(), 0);
  if (needs_own_login(config)) return;
  ::setenv(std::string(token_name).c_str(), client_token(config).c_str(), 1);
  // Two credentials at once make Claude Code ask which one is meant.
  ::unsetenv("ANTHROPIC_API_KEY");
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

// Runs Claude Code in a child. Ctrl-C is its business alone; SIGTERM and SIGHUP are passed on to
// it.
int run_claude(const std::vector<std::string>& arguments) {
  // Ignored, as some parents leave it, it would let nobody wait for a child.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t watched;
  sigset_t before;
  ::sigemptyset(&watched);
  for (const int each : {SIGCHLD, SIGTERM, SIGHUP}) ::sigaddset(&watched, each);
  ::sigprocmask(SIG_BLOCK, &watched, &before);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);

  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGQUIT, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::_exit(exec_claude(arguments));
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

}  // namespace

int claude(const std::string& config, const std::vector<std::string>& arguments) {
  const Result<Config> effective = effective_config(config);
  if (!effective) return complain(effective.error().message);
  const std::string& listen = effective->server.listen;
  const RelayPlace place = effective->server;
  const Result<std::string> url = local_url(place);
  if (!url) return complain(url.error().message);
  if (url->size() > 2 && url->compare(url->size() - 2, 2, ":0") == 0) {
    return complain(fmt::format("server.listen = \"{}\": claude needs a fixed port", listen));
  }
  if (!is_in_path("claude")) {
    return complain(
        "claude was not found in PATH; install Claude Code with: "
        "npm install -g @anthropic-ai/claude-code");
  }
  set_environment(*effective, *url);

  const Result<std::string> health = relay_health(place, std::chrono::seconds(5));
  if (health && *health != "ok") {
    return complain(fmt::format("the relay on {} is stopping; try again in a moment", listen));
  }
  if (health) return exec_claude(arguments);

  const auto relay = BackgroundRelay::start(effective->source, place);
  if (!relay) return complain(relay.error().message);
  return run_claude(arguments);
}

}  // namespace ccrelay::app
