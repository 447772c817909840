#include "config/environment.hpp"
#include "sign/secrets.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace ccrelay {
namespace {

constexpr std::string_view name = "cc-relay";
const std::string run = "/run";

// And nobody else may write into it.
bool is_own_folder(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & 022) == 0;
}

// It is there already, as systemd makes it for the service, or can be made.
bool may_write_below(const std::string& folder) {
  struct stat info {};
  const bool is_there = ::stat(folder.c_str(), &info) == 0;
  return ::access(is_there ? folder.c_str() : run.c_str(), W_OK) == 0;
}

std::string automatic_folder(const Environment& env) {
  const std::string session = config::first_set(env, {"XDG_RUNTIME_DIR"});
  // The XDG base directory specification: of this user alone, and a relative path is to be ignored.
  if (session.starts_with('/') && is_own_folder(session))
    return fmt::format("{}/{}", session, name);
  std::string of_machine = fmt::format("{}/{}", run, name);
  return may_write_below(of_machine) ? of_machine : std::string();
}

}  // namespace

ManagePlace manage_place(const ManageConfig& manage, std::string_view listen,
                         const Environment& env) {
  ManagePlace place;
  place.port = listen.starts_with("unix:") ? "unix-" + sign::fingerprint(listen)
                                           : std::string(listen.substr(listen.rfind(':') + 1));
  const std::string asked = manage.socket.value_or("");
  if (!asked.empty() && asked != "auto") {
    place.socket = asked;
    place.folder = asked.substr(0, asked.rfind('/'));
    return place;
  }
  place.folder = automatic_folder(env);
  if (asked == "auto" && !place.folder.empty()) {
    place.socket = fmt::format("{}/{}.sock", place.folder, place.port);
  }
  return place;
}

}  // namespace ccrelay
