#include "api/socket_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "loop/directory_lock.hpp"

namespace ccrelay::api {

Result<void> SocketFile::make_folder(const std::string& folder, bool for_others) {
  const mode_t mode = for_others ? 0711 : 0700;
  if (folder.empty() || ::mkdir(folder.c_str(), mode) == 0) {
    if (!folder.empty()) ::chmod(folder.c_str(), mode);  // whatever the umask says
    return {};
  }
  if (errno == EEXIST) return {};
  return Error{ErrorCode::config,
               fmt::format("cannot make the folder {} of the management's "
                           "socket: {}; make it, or set manage.socket to another "
                           "path",
                           folder, std::strerror(errno))};
}

bool SocketFile::is_given_up(const std::string& path) {
  struct stat there {};
  return ::lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode) &&
         (there.st_mode & S_IXUSR) != 0;
}

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat there {};
  if (::lstat(path_.c_str(), &there) != 0) return;
  device_ = there.st_dev;
  inode_ = there.st_ino;
}

void SocketFile::open_to_others(bool others) {
  others_ = others;
  set_mode();
}

void SocketFile::give_up() {
  given_up_ = true;
  set_mode();
}

// Under the lock nobody takes the path over in between.
void SocketFile::set_mode() {
  const loop::DirectoryLock lock(path_, std::chrono::milliseconds(100));
  struct stat there {};
  const bool ours =
      ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_;
  const mode_t mode = (others_ ? 0666u : 0600u) | (given_up_ ? 0100u : 0u);
  if (ours && (there.st_mode & 07777) != mode) ::chmod(path_.c_str(), mode);
}

}  // namespace ccrelay::api
