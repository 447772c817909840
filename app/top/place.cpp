#include "place.hpp"

#include <ccrelay/config_load.hpp>

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "printable.hpp"
#include "relay_contact.hpp"
#include "relay_place.hpp"
#include "sockets.hpp"
#include "token_file.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::size_t token_bytes_max = 4096;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The management of the configuration's relay, or of the one that runs with it.
struct Expected {
  ManageConfig manage;
  ManagePlace place;
};
Expected expected(const ManageConfig& manage, const std::string& listen) {
  Expected out{manage, {}};
  // As `serve` does without a word about it.
  if (!out.manage.socket) out.manage.socket = "auto";
  out.place = manage_place(out.manage, listen, process_environment());
  return out;
}
Expected expected(const RelayContact& contact) {
  return expected(contact.settings.config.manage,
                  contact.running ? contact.running->addresses.front() : contact.place.listen);
}
Expected expected(const std::string& config) {
  const Result<RelayContact> contact = find_relay({config, {}, {}});
  return contact ? expected(*contact) : expected(ManageConfig(), ServerConfig().listen);
}

Place at_socket(const std::string& path) {
  return {"unix:" + path, path, "http://relay", {}, {}};
}

Result<std::string> read_token(const std::string& file) {
  Result<std::string> token = token_in(file, token_bytes_max);
  if (token) return token;
  return Error{ErrorCode::config,
               fmt::format("{} {}; a file with a token of the management, and nothing else in it, "
                           "is needed",
                           printable(file, 300), token.error().message)};
}

// The one that a relay on this machine has made, of the configuration's port or the only one.
std::string made_token_file(const ManagePlace& place) {
  const std::string own = place.port + ".token";
  if (!place.folder.empty() && ::access((place.folder + "/" + own).c_str(), R_OK) == 0) {
    return place.folder + "/" + own;
  }
  const std::vector<std::string> all = made_tokens();
  for (const std::string& file : all) {
    if (ends_with(file, "/" + own)) return file;
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
  if (file.empty() && is_loopback(there.host)) file = made_token_file(expected(asked.config).place);
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

Result<Place> expected_place(const Asked& asked) {
  const Expected wanted = expected(asked.config);
  const std::string& own = wanted.place.socket;
  if (own.empty() && !wanted.manage.listen.empty()) {
    RelayPlace public_place(wanted.manage.listen);
    public_place.tls = wanted.manage.tls;
    const Result<std::string> url = local_url(public_place);
    if (url) return named_place({asked.config, *url, asked.token_file});
  }
  if (may_be_there(own)) return at_socket(own);
  const bool is_named = *wanted.manage.socket != "auto";
  for (const std::string& folder : socket_folders()) {
    const std::string path = folder + "/" + wanted.place.port + ".sock";
    if (!is_named && may_be_there(path)) return at_socket(path);
  }
  const std::vector<std::string> all = sockets_in_use();
  if (all.size() == 1) return at_socket(all.front());
  if (all.empty() || is_named) {
    return at_socket(own.empty() ? socket_folders().front() + "/" + wanted.place.port + ".sock"
                                 : own);
  }
  std::string several = "several relays run here; name one:";
  for (const std::string& each : all) several += "\n  --address unix:" + printable(each, 300);
  return Error{ErrorCode::config, several};
}

}  // namespace

Result<Place> find_place(const Asked& asked) {
  if (!asked.address.empty()) return named_place(asked);
  Result<Place> place = expected_place(asked);
  if (place) {
    place->expected = true;
    place->config = asked.config;
  }
  return place;
}

std::vector<Place> places_of(const RelayContact& contact) {
  std::vector<Place> out;
  const Expected wanted = expected(contact);
  std::vector<std::string> paths = {wanted.place.socket};
  if (*wanted.manage.socket == "auto") {
    for (const std::string& folder : socket_folders()) {
      paths.push_back(folder + "/" + wanted.place.port + ".sock");
    }
  }
  for (auto path = paths.begin(); path != paths.end(); ++path) {
    const bool is_new = std::find(paths.begin(), path, *path) == path;
    if (is_new && look_at_socket(*path) == SocketLook::alive) out.push_back(at_socket(*path));
  }
  std::string url = contact.running ? contact.running->manage_url : std::string();
  if (url.empty() && !wanted.manage.listen.empty()) {
    RelayPlace listens(wanted.manage.listen);
    listens.tls = wanted.manage.tls;
    if (const Result<std::string> local = local_url(listens)) url = *local;
  }
  const std::string file = url.empty() ? std::string() : made_token_file(wanted.place);
  if (file.empty()) return out;
  if (const Result<std::string> token = read_token(file)) {
    out.push_back({url, {}, url, *token, file});
  }
  return out;
}

std::string version_without_management(const Place& place) {
  if (!place.expected) return {};
  const Result<RelayContact> contact = find_relay({place.config, {}, {}});
  if (!contact) return {};
  const Result<Meeting> meeting = meet(*contact, std::chrono::seconds(1));
  if (!meeting || meeting->standing == Standing::stranger) return {};
  return meeting->version;
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
