#include "background_relay.hpp"

#include <ccrelay/config_load.hpp>

#include <fcntl.h>
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
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "files.hpp"
#include "http_get.hpp"

namespace ccrelay::app {
namespace {

using namespace std::chrono_literals;

constexpr auto start_time_max = 10s;
constexpr auto stop_time_max = 3s;
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

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become_relay(const std::vector<char*>& arguments, int log, pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
  if (::getppid() != parent) ::_exit(1);  // it died before that
  ::setsid();
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execvp(arguments.front(), arguments.data());
  ::_exit(127);
}

pid_t spawn(const std::string& config, int log) {
  std::vector<std::string> words = {own_executable(), "serve", "--log-format", "text"};
  if (!config.empty()) words.insert(words.end(), {"--config", config});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become_relay(arguments, log, parent);
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

}  // namespace

Result<std::unique_ptr<BackgroundRelay>> BackgroundRelay::start(const std::string& config,
                                                                const RelayPlace& place) {
  const Result<std::string> path = log_path();
  if (!path) return path.error();
  const int log = ::open(path->c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log < 0) return file_error("cannot write", *path, errno);
  struct stat info {};
  ::fstat(log, &info);
  const pid_t child = spawn(config, log);
  const int error = errno;
  ::close(log);
  if (child < 0) return file_error("cannot start", own_executable(), error);

  std::unique_ptr<BackgroundRelay> relay(new BackgroundRelay(child, *path));
  const auto deadline = std::chrono::steady_clock::now() + start_time_max;
  while (std::chrono::steady_clock::now() < deadline) {
    const bool ended = relay->has_ended();
    // When two start at the same time, the one that lost uses the other's relay.
    if (relay_health(place, 1s)) return relay;
    if (ended) {
      return Error{ErrorCode::internal,
                   fmt::format("the relay could not be started:\n{}",
                               tail(*path, static_cast<std::size_t>(info.st_size)))};
    }
    std::this_thread::sleep_for(20ms);
  }
  return Error{ErrorCode::timeout,
               fmt::format("the relay did not answer on {} in time; see {}", place.listen, *path)};
}

BackgroundRelay::~BackgroundRelay() {
  if (has_ended()) return;
  ::kill(process_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + stop_time_max;
  while (std::chrono::steady_clock::now() < deadline) {
    if (has_ended()) return;
    std::this_thread::sleep_for(10ms);
  }
  ::kill(process_, SIGTERM);  // the second one ends it at once
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool BackgroundRelay::has_ended() {
  if (process_ >= 0 && ::waitpid(process_, nullptr, WNOHANG) != 0) process_ = -1;
  return process_ < 0;
}

}  // namespace ccrelay::app
