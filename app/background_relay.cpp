#include "background_relay.hpp"

#include <ccrelay/config_load.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "files.hpp"
#include "http_get.hpp"

namespace ccrelay::app {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;
// Of one that lives: on a machine that has everything else to do it may be slow, which is better
// than no relay. One that ends is noticed at once.
constexpr auto start_time_max = 30s;
constexpr int end_ms_max = 3000;
// What a relay may take that finishes its last requests.
constexpr int other_end_ms_max = 35'000;
constexpr std::size_t log_tail_bytes = 2000;

Result<std::string> log_path() {
  std::string directory = xdg_directory(process_environment(), "XDG_STATE_HOME", ".local/state");
  if (directory.empty()) {
    return Error{ErrorCode::config,
                 "neither HOME nor XDG_STATE_HOME is set, so the relay's log has no place"};
  }
  directory += "/cc-relay";
  if (auto made = make_directories(directory); !made) return made.error();
  return directory + "/claude.log";
}

std::string own_executable() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "cc-relay";
}

// One starts a relay at a time, so that two who begin at once use the same one.
Descriptor start_lock(const RuntimeFolder& folder) {
  Descriptor file(::open((folder.path + "/start").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  while (file && ::flock(file.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return file;
}

// In the child, between fork and exec.
[[noreturn]] void become_relay(const std::vector<char*>& arguments, int log) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execvp(arguments.front(), arguments.data());
  ::_exit(127);
}

// With the user's environment as it is: keys are in it.
pid_t spawn(const std::string& config, const std::string& users_file, int log) {
  std::vector<std::string> words = {own_executable(), "serve", "--log-format", "text"};
  if (!config.empty()) words.insert(words.end(), {"--config", config});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::setenv(users_variable, users_file.c_str(), 1);
  const pid_t child = ::fork();
  if (child == 0) become_relay(arguments, log);
  ::unsetenv(users_variable);
  return child;
}

// What the relay has written since `from`, as far as a person wants to read it.
std::string tail(const std::string& path, std::size_t from) {
  const Result<std::optional<std::string>> log = read_file(path, 1 << 26);
  if (!log || !*log || (*log)->size() <= from) return "";
  std::string written = (*log)->substr(from);
  while (!written.empty() && written.back() == '\n') written.pop_back();
  return written.size() > log_tail_bytes ? written.substr(written.size() - log_tail_bytes)
                                         : written;
}

bool has_written_itself_down(const RuntimeFolder& folder, pid_t process) {
  const std::vector<RunningRelay> relays = running_relays(folder);
  return std::any_of(relays.begin(), relays.end(),
                     [&](const RunningRelay& relay) { return relay.process == process; });
}

Error stopping(const RelayContact& contact) {
  return {ErrorCode::network,
          fmt::format("the relay on {} is stopping; try again in a moment", contact.place.name())};
}

// Waits until the child serves. The error says why it does not.
Result<void> wait_for_start(const RuntimeFolder& folder, pid_t child, const std::string& log,
                            std::size_t log_size) {
  const auto deadline = std::chrono::steady_clock::now() + start_time_max;
  while (std::chrono::steady_clock::now() < deadline) {
    if (::waitpid(child, nullptr, WNOHANG) != 0) {
      return Error{ErrorCode::internal,
                   fmt::format("the relay could not be started:\n{}", tail(log, log_size))};
    }
    if (has_written_itself_down(folder, child)) return {};
    std::this_thread::sleep_for(10ms);
  }
  ::kill(child, SIGTERM);
  return Error{ErrorCode::timeout, fmt::format("the relay did not start in time; see {}", log)};
}

}  // namespace

Result<UsedRelay> UsedRelay::find_or_start(const AskedRelay& asked) {
  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  const Descriptor lock = folder ? start_lock(*folder) : Descriptor();
  while (true) {
    Result<RelayContact> contact = find_relay(asked);
    if (!contact) return contact.error();
    std::optional<RelayUse> use;
    if (contact->running && !contact->running->users_file.empty()) {
      use = RelayUse::join(contact->running->users_file);
      if (!use) {  // it goes with the user that was its last one
        if (wait_for_end(*contact->running, other_end_ms_max)) continue;
        return stopping(*contact);
      }
    }
    const Result<Meeting> meeting = meet(*contact, patience);
    if (!meeting) {
      const bool runs = use || wants_certificate(meeting.error());
      if (contact->named || runs) return meeting.error();
      return start(asked, *contact);
    }
    if (!meeting->trusted()) return not_trusted(*contact, *meeting);
    const Result<std::string> health = relay_health(contact->place, patience);
    if (health && *health != "ok") return stopping(*contact);
    return UsedRelay(*std::move(contact), std::move(use));
  }
}

Result<UsedRelay> UsedRelay::start(const AskedRelay& asked, const RelayContact& contact) {
  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  if (!folder) return folder.error();
  const Result<std::string> path = log_path();
  if (!path) return path.error();
  const Descriptor log(::open(path->c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!log) return file_error("cannot write", *path, errno);
  struct stat info {};
  ::fstat(log.number(), &info);
  Result<RelayUse> use = RelayUse::first(folder->path);
  if (!use) return use.error();

  // Ignored, as some parents leave it, it would let nobody wait for a child.
  ::signal(SIGCHLD, SIG_DFL);
  const pid_t child = spawn(contact.settings.config.source, use->file(), log.number());
  if (child < 0) return file_error("cannot start", own_executable(), errno);
  const auto started =
      wait_for_start(*folder, child, *path, static_cast<std::size_t>(info.st_size));
  if (!started) {
    ::unlink(use->file().c_str());
    return started.error();
  }
  Result<RelayContact> now = find_relay(asked);
  if (!now) return now.error();
  const Result<Meeting> meeting = meet(*now, patience);
  if (!meeting) return meeting.error();
  if (!meeting->trusted()) return not_trusted(*now, *meeting);
  return UsedRelay(*std::move(now), *std::move(use));
}

UsedRelay::~UsedRelay() {
  if (use_ && use_->leave() && contact_.running) wait_for_end(*contact_.running, end_ms_max);
}

}  // namespace ccrelay::app
