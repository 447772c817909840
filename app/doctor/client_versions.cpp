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

constexpr std::size_t words_bytes_max = 200;
using Version = std::array<int, 3>;

// A client of which the oldest version is known that works with the relay (the pages of the clients
// name the newest that was tried).
struct KnownClient {
  const char* id;
  const char* program;
  const char* name;
  Version from;
  const char* update;
};
constexpr KnownClient known_claude = {
    "claude.version", "claude", "Claude Code", {2, 1, 197}, "claude update"};
constexpr KnownClient known_codex = {
    "codex.version", "codex", "Codex", {0, 96, 0}, "npm install -g @openai/codex"};
constexpr KnownClient known_gemini = {
    "gemini.version", "gemini", "Gemini CLI", {0, 30, 0}, "npm install -g @google/gemini-cli"};

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

// `2.1.330 (Claude Code)`, `codex-cli 0.171.0`, `0.61.0`.
std::optional<Version> version_in(const std::string& words) {
  Version version{};
  const std::size_t digit = words.find_first_of("0123456789");
  if (digit == std::string::npos) return {};
  const int read =
      std::sscanf(words.c_str() + digit, "%9d.%9d.%9d", &version[0], &version[1], &version[2]);
  return read == 3 ? std::optional(version) : std::nullopt;
}

void check_version(const KnownClient& client, const std::optional<std::string>& said,
                   Findings& out) {
  if (!said) {
    out.skipped(client.id, "", fmt::format("{} is not installed", client.name));
    return;
  }
  const std::optional<Version> version = version_in(*said);
  if (!version) {
    out.skipped(client.id, "", fmt::format("{} --version does not say it", client.program));
  } else if (*version < client.from) {
    out.warning(client.id, "",
                fmt::format("{} is older than {}, the oldest that the relay knows",
                            text_of(*version), text_of(client.from)),
                fmt::format("bring it up to date: {}", client.update));
  } else {
    out.ok(client.id, "", text_of(*version));
  }
}

}  // namespace

std::optional<std::string> installed_version(const char* program, milliseconds timeout) {
  if (!is_in_path(program)) return {};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::string();
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program;
  std::string option = "--version";
  char* words[] = {name.data(), option.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, program, &actions, nullptr, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::string();
  to = Descriptor();  // else the end of what it says would never come
  std::string said = read_line(from.number(), timeout);
  ::kill(child, SIGKILL);  // it has said it, or hangs
  ::waitpid(child, nullptr, 0);
  return said;
}

void check_claude_version(const Facts& facts, Findings& out) {
  check_version(known_claude, facts.claude_version, out);
}

void check_codex_version(const Facts& facts, Findings& out) {
  check_version(known_codex, facts.codex_version, out);
}

void check_gemini_version(const Facts& facts, Findings& out) {
  check_version(known_gemini, facts.gemini_version, out);
}

}  // namespace ccrelay::app::checks
