#include "place.hpp"

#include <ccrelay/config_load.hpp>

#include <dirent.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "printable.hpp"
#include "relay_contact.hpp"
#include "relay_place.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::size_t token_bytes_max = 4096;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Where relays make their sockets, the user's own first.
std::vector<std::string> folders() {
  std::vector<std::string> out;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') out.push_back(std::string(runtime) + "/cc-relay");
  out.emplace_back("/run/cc-relay");
  return out;
}

std::vector<std::string> files_in(const std::string& folder, const std::string& end) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) return out;
  while (const dirent* entry = ::readdir(open.get())) {
    if (ends_with(entry->d_name, end)) out.push_back(folder + "/" + entry->d_name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool is_socket(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode);
}

std::vector<std::string> sockets() {
  std::vector<std::string> out;
  for (const std::string& folder : folders()) {
    for (const std::string& file : files_in(folder, ".sock")) {
      if (is_socket(file)) out.push_back(file);
    }
  }
  return out;
}

// The port of the configuration, or of the relay that runs with it; empty when it has none.
std::string port_of(const std::string& config) {
  const Result<RelayContact> contact = find_relay({config, {}, {}});
  if (!contact) return host_and_port(ServerConfig().listen).port;
  return contact->place.is_unix() ? std::string() : host_and_port(contact->place.listen).port;
}

Place at_socket(const std::string& path) {
  return {"unix:" + path, path, "http://relay", {}, {}};
}

Result<std::string> read_token(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string token(token_bytes_max + 1, '\0');
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (token.empty() || !plain || token.size() > token_bytes_max) {
    return Error{ErrorCode::config,
                 fmt::format("{}: a file with a token of the management, and nothing else in it, "
                             "is needed",
                             printable(file, 300))};
  }
  return token;
}

// The one that a relay on this machine has made, of the configuration's port or the only one.
std::string made_token_file(const std::string& config) {
  std::vector<std::string> all;
  const std::string own = port_of(config) + ".token";
  for (const std::string& folder : folders()) {
    for (const std::string& file : files_in(folder, ".token")) {
      if (ends_with(file, "/" + own)) return file;
      all.push_back(file);
    }
  }
  return all.size() == 1 ? all.front() : std::string();
}

Result<Place> named_place(const Asked& asked) {
  if (asked.address.rfind("unix:", 0) == 0) {
    const std::string path = asked.address.substr(5);
    if (path.empty()) {
      return Error{ErrorCode::config, "--address unix:PATH needs the path of a socket"};
    }
    return at_socket(path);
  }
  Result<std::string> url = checked_url(asked.address, "--address");
  if (!url) return url.error();
  Place place{*url, {}, *url, {}, {}};
  const HostAndPort there = host_and_port(*url);
  std::string file = asked.token_file;
  // What a relay of this machine has made is for this machine alone.
  if (file.empty() && is_loopback(there.host)) file = made_token_file(asked.config);
  if (file.empty()) return place;
  Result<std::string> token = read_token(file);
  if (token) {
    place.token = *token;
    place.token_from = file;
  } else if (!asked.token_file.empty()) {
    return token.error();
  }
  return place;
}

std::string user_name(uid_t user) {
  const passwd* known = ::getpwuid(user);
  return known == nullptr ? fmt::format("uid {}", user)
                          : fmt::format("{} (uid {})", printable(known->pw_name), user);
}

}  // namespace

Result<Place> find_place(const Asked& asked) {
  if (!asked.address.empty()) return named_place(asked);
  const std::string port = port_of(asked.config);
  const std::vector<std::string> all = sockets();
  for (const std::string& folder : folders()) {
    const std::string path = folder + "/" + port + ".sock";
    // A folder that nobody else may look into hides its socket as well.
    if (!port.empty() && (is_socket(path) || errno == EACCES)) return at_socket(path);
  }
  if (all.size() == 1) return at_socket(all.front());
  if (all.empty()) {
    return at_socket(folders().front() + "/" + (port.empty() ? "PORT" : port) + ".sock");
  }
  std::string several = "several relays run here; name one:";
  for (const std::string& each : all) several += "\n  --address unix:" + printable(each, 300);
  return Error{ErrorCode::config, several};
}

std::vector<std::string> why_not_mine(const Place& place) {
  struct stat about {};
  std::vector<std::string> out = {"no permission for " + place.name};
  const std::string folder = place.socket.substr(0, place.socket.rfind('/'));
  const bool known =
      ::stat(place.socket.c_str(), &about) == 0 || ::stat(folder.c_str(), &about) == 0;
  out.push_back(fmt::format(
      "{}{} asks", known ? "it belongs to " + user_name(about.st_uid) + "; " : std::string(),
      user_name(::geteuid())));
  out.emplace_back(
      "the relay lets in its own user, root, and manage.auth.users of its configuration");
  return out;
}

}  // namespace ccrelay::app::top
