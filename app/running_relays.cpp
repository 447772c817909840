#include "running_relays.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <tuple>

#include "files.hpp"
#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

using simdjson::dom::element;

constexpr std::string_view prefix = "relay-";
constexpr std::string_view suffix = ".json";
constexpr std::size_t state_bytes_max = 64 << 10;

std::string text_of(element from, std::string_view name) {
  std::string_view text;
  return from[name].get(text) ? std::string() : std::string(text);
}

std::string to_json(const RunningRelay& relay) {
  std::string addresses;
  for (const std::string& address : relay.addresses) {
    addresses += (addresses.empty() ? "" : ",") + json_quoted(address);
  }
  return fmt::format(R"({{"version":1,"process":{},"addresses":[{}],"cert_file":{},"config":{},)"
                     R"("start_token":{},"client_token":{},"users_file":{},"manage_url":{}}})"
                     "\n",
                     relay.process, addresses, json_quoted(relay.cert_file),
                     json_quoted(relay.config), json_quoted(relay.start_token),
                     json_quoted(relay.client_token), json_quoted(relay.users_file),
                     json_quoted(relay.manage_url));
}

std::optional<RunningRelay> read_relay(const std::string& file) {
  const Result<std::optional<std::string>> json = read_file(file, state_bytes_max);
  if (!json || !*json) return {};
  simdjson::dom::parser parser;
  element root;
  std::int64_t version = 0;
  std::int64_t process = 0;
  simdjson::dom::array addresses;
  if (parser.parse(**json).get(root) || root["version"].get(version) || version != 1 ||
      root["process"].get(process) || root["addresses"].get(addresses)) {
    return {};
  }
  RunningRelay relay;
  relay.file = file;
  relay.process = static_cast<pid_t>(process);
  for (const element address : addresses) {
    std::string_view text;
    if (!address.get(text)) relay.addresses.emplace_back(text);
  }
  relay.cert_file = text_of(root, "cert_file");
  relay.config = text_of(root, "config");
  relay.start_token = text_of(root, "start_token");
  relay.client_token = text_of(root, "client_token");
  relay.users_file = text_of(root, "users_file");
  relay.manage_url = text_of(root, "manage_url");
  return relay;
}

bool is_held(const std::string& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  return opened && ::flock(opened.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// Of this user, and nobody else may write into it.
bool is_own(const std::string& folder) {
  struct stat info {};
  return ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
         info.st_uid == ::geteuid() && (info.st_mode & 022) == 0;
}

// Milliseconds since the epoch, to tell the order of starts.
std::int64_t written_at(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return 0;
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

}  // namespace

Result<RuntimeFolder> runtime_folder(const Environment& env) {
  const std::string session = env("XDG_RUNTIME_DIR").value_or("");
  if (!session.empty() && session.front() == '/' && is_own(session)) {
    RuntimeFolder folder{session + "/cc-relay", true};
    if (make_directories(folder.path) && is_own(folder.path)) return folder;
  }
  const std::string state = xdg_directory(env, "XDG_STATE_HOME", ".local/state");
  if (state.empty()) {
    return Error{ErrorCode::config,
                 "neither HOME nor XDG_STATE_HOME is set, so the relay's log has no place"};
  }
  RuntimeFolder folder{state + "/cc-relay/run", false};
  if (auto made = make_directories(folder.path); !made) return made.error();
  if (!is_own(folder.path)) {
    return Error{ErrorCode::config,
                 fmt::format("{} is not a folder that only you can write to", folder.path)};
  }
  return folder;
}

std::string absolute_path(const std::string& path) {
  if (path.empty()) return path;
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real) return real.get();
  if (path.front() == '/') return path;
  char here[PATH_MAX];
  return ::getcwd(here, sizeof here) == nullptr ? path : std::string(here) + "/" + path;
}

std::vector<RunningRelay> running_relays(const RuntimeFolder& folder) {
  std::vector<RunningRelay> relays;
  for (const std::string& name : names_in(folder.path)) {
    const bool is_one = name.size() > prefix.size() + suffix.size() &&
                        name.compare(0, prefix.size(), prefix) == 0 &&
                        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
    if (!is_one) continue;
    const std::string file = folder.path + "/" + name;
    std::optional<RunningRelay> relay = read_relay(file);
    if (is_held(file)) {
      if (relay) relays.push_back(*std::move(relay));
      continue;
    }
    if (relay && !relay->users_file.empty()) ::unlink(relay->users_file.c_str());
    ::unlink(file.c_str());
  }
  std::sort(relays.begin(), relays.end(), [](const RunningRelay& a, const RunningRelay& b) {
    return std::pair(written_at(a.file), a.process) < std::pair(written_at(b.file), b.process);
  });
  return relays;
}

Result<Announcement> Announcement::make(const RuntimeFolder& folder, RunningRelay relay) {
  // Locked before it has its name, so that nobody finds it without its lock.
  std::string name = folder.path + "/new-XXXXXX";
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) return file_error("cannot write in", folder.path, errno);
  relay.file = fmt::format("{}/{}{}{}", folder.path, prefix, relay.process, suffix);
  Announcement made(std::move(file), std::move(relay));
  const std::string& target = made.relay_.file;
  if (::flock(made.lock_.number(), LOCK_EX | LOCK_NB) != 0 || !made.write() ||
      ::rename(name.c_str(), target.c_str()) != 0) {
    const int error = errno;
    ::unlink(name.c_str());
    return file_error("cannot write", target, error);
  }
  return made;
}

Announcement::~Announcement() {
  if (lock_) ::unlink(relay_.file.c_str());
}

bool Announcement::write() {
  const std::string json = to_json(relay_);
  const auto size = static_cast<ssize_t>(json.size());
  return ::pwrite(lock_.number(), json.data(), json.size(), 0) == size &&
         ::ftruncate(lock_.number(), size) == 0;
}

void Announcement::set_client_token(const std::string& token) {
  if (relay_.client_token == token) return;
  relay_.client_token = token;
  write();
}

bool wait_for_end(const RunningRelay& relay, int milliseconds) {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (is_held(relay.file)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

}  // namespace ccrelay::app
