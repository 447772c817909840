#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "descriptor.hpp"
#include "files.hpp"
#include "table.hpp"

extern char** environ;

namespace ccrelay::app::checks {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* claude_version_id = "claude.version";
constexpr std::size_t words_bytes_max = 200;
using Version = std::array<int, 3>;
// The oldest whose requests were looked at (docs/clients.md names the newest).
constexpr Version known_from{2, 1, 197};

std::string text_of(const Version& version) {
  return fmt::format("{}.{}.{}", version[0], version[1], version[2]);
}

// The first line that comes before the limit.
std::string read_line(int descriptor, milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  std::string text;
  while (text.size() < words_bytes_max && text.find('\n') == std::string::npos) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now()).count();
    pollfd watched{descriptor, POLLIN, 0};
    if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) <= 0) break;
    char bytes[words_bytes_max];
    const ssize_t count = ::read(descriptor, bytes, sizeof bytes);
    if (count <= 0) break;
    text.append(bytes, static_cast<std::size_t>(count));
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::optional<std::string> installed_claude(milliseconds timeout) {
  if (!is_in_path("claude")) return {};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::string();
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = "claude";
  std::string option = "--version";
  char* words[] = {name.data(), option.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "claude", &actions, nullptr, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::string();
  to = Descriptor();  // else the end of what it says would never come
  std::string said = read_line(from.number(), timeout);
  ::kill(child, SIGKILL);  // it has said it, or hangs
  ::waitpid(child, nullptr, 0);
  return said;
}

void check_claude_version(const Facts& facts, Findings& out) {
  if (!facts.claude_version) {
    out.skipped(claude_version_id, "", "Claude Code is not installed");
    return;
  }
  Version version{};
  const int read = std::sscanf(facts.claude_version->c_str(), "%9d.%9d.%9d", &version[0],
                               &version[1], &version[2]);
  if (read != 3) {
    out.skipped(claude_version_id, "", "claude --version does not say it");
  } else if (version < known_from) {
    out.warning(claude_version_id, "",
                fmt::format("{} is older than {}, the oldest that the relay knows",
                            text_of(version), text_of(known_from)),
                "bring it up to date: claude update");
  } else {
    out.ok(claude_version_id, "", text_of(version));
  }
}

}  // namespace ccrelay::app::checks
