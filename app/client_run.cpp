#include "client_run.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <initializer_list>
#include <system_error>
#include <utility>

#include "certificate_bundle.hpp"
#include "claude_settings.hpp"
#include "client_proxy.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "own_file.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr int not_found = 127;

void apply(const std::vector<SettingsValue>& env) {
  for (const SettingsValue& each : env) {
    if (each.value.empty()) {
      ::unsetenv(each.name.c_str());
    } else {
      ::setenv(each.name.c_str(), each.value.c_str(), 1);
    }
  }
}

int exec_client(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execvp(pointers.front(), pointers.data());
  complain(fmt::format("{} could not be run: {}", program, std::generic_category().message(errno)));
  return not_found;
}

// In the child. Without the parent its relay goes away, so it does not outlive that one.
[[noreturn]] void become_client(const std::string& program,
                                const std::vector<std::string>& arguments,
                                const std::vector<SettingsValue>& env, pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGHUP);
#endif
  if (::getppid() != parent) ::_exit(not_found);  // it died before that
  apply(env);
  ::_exit(exec_client(program, arguments));
}

}  // namespace

Result<UsedRelay> relay_for(const RunClient& client, const AskedRelay& asked,
                            const std::function<Result<void>(const std::string& url)>& fit) {
  const Result<RelayContact> found = find_relay(asked);
  if (!found) return found.error();
  const Result<std::string> url = local_url(found->place);
  if (!url) return url.error();
  if (url->size() > 2 && url->compare(url->size() - 2, 2, ":0") == 0) {
    return Error{ErrorCode::config, fmt::format("server.listen = \"{}\": {} needs a fixed port",
                                                found->place.listen, client.program)};
  }
  if (!is_in_path(std::string(client.program))) {
    return Error{ErrorCode::config, fmt::format("{} was not found in PATH; install {} with: {}",
                                                client.program, client.name, client.install)};
  }
  if (const auto free = fit(*url); !free) return free.error();
  if (!found->named && !found->running && !found->settings.mistakes.empty()) {
    // It would have to be started; what can't be is said in full.
    const Result<Meeting> meeting = meet(*found, std::chrono::seconds(5));
    if (!meeting) return Error{ErrorCode::config, found->settings.mistakes};
  }
  return UsedRelay::find_or_start(asked);
}

std::string token_for(const RelayContact& contact) {
  return contact.token.empty() ? std::string(placeholder_token) : contact.token;
}

bool is_direct(const RelayContact& contact, const std::string& url) {
  return !contact.named || is_loopback(host_and_port(url).host);
}

std::vector<SettingsValue> no_proxy_for(const RelayContact& contact, const std::string& url) {
  const Environment env = process_environment();
  std::vector<SettingsValue> out;
  if (!is_direct(contact, url)) return out;
  for (const std::string_view name : proxy_variables) {
    if (env(name).value_or("").empty()) continue;
    // One who reads just one of the two finds what either said.
    const std::string upper = env("NO_PROXY").value_or("");
    const std::string lower = env("no_proxy").value_or("");
    for (const char* none : {"NO_PROXY", "no_proxy"}) {
      out.push_back({none, with_host_of(env(none).value_or(upper.empty() ? lower : upper), url)});
    }
    break;
  }
  return out;
}

int run_client(const RunClient& client, const std::vector<std::string>& arguments,
               const std::vector<SettingsValue>& env) {
  // Ignored, as some parents leave it, it would let nobody wait for a child.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t watched;
  sigset_t before;
  ::sigemptyset(&watched);
  for (const int each : {SIGCHLD, SIGTERM, SIGHUP}) ::sigaddset(&watched, each);
  ::sigprocmask(SIG_BLOCK, &watched, &before);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);

  const std::string program(client.program);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGQUIT, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    become_client(program, arguments, env, parent);
  }
  if (child < 0) return complain(program + " could not be started");

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

int run_through_relay(
    const RunClient& client, const AskedRelay& asked,
    const std::function<Result<void>(const std::string& url)>& fit,
    const std::function<RunPlan(const std::string& url, const std::string& token)>& plan) {
  const Result<UsedRelay> relay = relay_for(client, asked, fit);
  if (!relay) return complain(relay.error().message);
  const RelayContact& contact = relay->contact();
  const Result<std::string> url = local_url(contact.place);
  if (!url) return complain(url.error().message);
  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  if (!folder) return complain(folder.error().message);
  const Result<OwnFile> bundle = OwnFile::make(folder->path, "bundle");
  if (!bundle) return complain(bundle.error().message);
  const auto trusted = certificates_to_trust(
      contact.place.tls.cert_file, process_environment()(client.certificates).value_or(""),
      bundle->path());
  if (!trusted) return complain(trusted.error().message);

  RunPlan planned = plan(*url, token_for(contact));
  for (SettingsValue& each : no_proxy_for(contact, *url)) planned.env.push_back(std::move(each));
  if (!trusted->empty()) planned.env.push_back({client.certificates, *trusted});
  return run_client(client, planned.arguments, planned.env);
}

}  // namespace ccrelay::app
