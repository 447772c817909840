#include "loop/unix_socket.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "loop/directory_lock.hpp"
#include "loop/tcp.hpp"

namespace ccrelay::loop {
namespace {

Error cannot(const std::string& path, const std::string& why) {
  return {ErrorCode::network, "cannot listen on unix:" + path + ": " + why};
}

Error cannot(const std::string& path, int code) {
  return cannot(path, std::strerror(code));
}

int new_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// 0 when somebody listens there, and who; else the errno of connecting.
int connect_to(const sockaddr_un& address, uid_t& listener) {
  const int fd = new_socket();
  if (fd < 0) return errno;
  const bool connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int code = connected ? 0 : errno;
  ucred who{};
  socklen_t length = sizeof who;
  const bool known = ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0;
  listener = known ? who.uid : static_cast<uid_t>(-1);
  ::close(fd);
  return code == EAGAIN ? 0 : code;  // its backlog is full
}

// Makes room at the path, if what is there is a socket without a listener; true when there is one
// whose place may be taken.
Result<bool> clear_stale(const sockaddr_un& address, bool take_over, std::string_view setting) {
  const std::string path = address.sun_path;
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return false;
    return cannot(path, errno);
  }
  if (!S_ISSOCK(there.st_mode)) {
    return cannot(path, "there is something that is no socket; remove it, or choose another path");
  }
  uid_t listener = 0;
  const int code = connect_to(address, listener);
  if (code == 0) {
    if (take_over && listener == ::geteuid()) return true;
    return cannot(path, "another program listens there; stop it, or choose another path with " +
                            std::string(setting));
  }
  if (code != ECONNREFUSED) return cannot(path, code);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot(path, errno);
  return false;
}

// Beside the other one, for a moment.
std::string passing_name(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1) + ".ccr-" + std::to_string(::getpid());
}

template <class Entry, class Find>
bool look_up(const std::string& name, Find find, Entry& entry) {
  static thread_local std::vector<char> buffer(16 * 1024);
  Entry* found = nullptr;
  return find(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found;
}

Result<void> give_to(const std::string& path, const std::string& owner) {
  const auto colon = owner.find(':');
  const std::string user = owner.substr(0, colon);
  const std::string group = colon == std::string::npos ? "" : owner.substr(colon + 1);
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  if (!user.empty()) {
    passwd entry{};
    if (!look_up(user, ::getpwnam_r, entry)) {
      return cannot(path, "there is no user " + user + " (server.unix_owner)");
    }
    uid = entry.pw_uid;
  }
  if (!group.empty()) {
    ::group entry{};
    if (!look_up(group, ::getgrnam_r, entry)) {
      return cannot(path, "there is no group " + group + " (server.unix_owner)");
    }
    gid = entry.gr_gid;
  }
  if (::lchown(path.c_str(), uid, gid) != 0) {
    return cannot(path, std::string("its owner cannot be changed to ") + owner + ": " +
                            std::strerror(errno) + " (server.unix_owner)");
  }
  return {};
}

}  // namespace

UnixSocketFile::~UnixSocketFile() {
  if (path_.empty()) return;
  const DirectoryLock lock(path_, std::chrono::milliseconds(100));
  struct stat there {};
  const bool ours =
      ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
}

Result<BoundUnixSocket> bind_unix_socket(const std::string& path, const UnixAccess& access,
                                         bool take_over, std::string_view setting) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto set_path = [&](const std::string& to) {
    if (to.size() >= sizeof address.sun_path) return false;
    std::memset(address.sun_path, 0, sizeof address.sun_path);
    std::memcpy(address.sun_path, to.data(), to.size());
    return true;
  };
  if (!set_path(path)) {
    return cannot(path, "the path of a socket has at most " +
                            std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  // Of two that find a stale socket one must see the other's. Until it is listened on, a new one
  // looks as stale as the old.
  const DirectoryLock lock(path, std::chrono::seconds(2));
  const auto taken = clear_stale(address, take_over, setting);
  if (!taken) return taken.error();
  const std::string name = *taken ? passing_name(path) : path;
  if (*taken) {
    if (!set_path(name)) return cannot(path, "it is too long to be taken over from another relay");
    ::unlink(name.c_str());
  }
  const int fd = new_socket();
  if (fd < 0) return cannot(path, errno);
  // The file takes the socket's own mode when it is made: nobody else comes in before its owner and
  // mode are as they shall be.
  ::fchmod(fd, access.mode & 0600);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int code = errno;
    ::close(fd);
    return cannot(path, code);
  }
  Result<void> done;
  if (!access.owner.empty()) done = give_to(name, access.owner);
  if (done && ::chmod(name.c_str(), access.mode) != 0) done = cannot(path, errno);
  if (done && ::listen(fd, listen_backlog) != 0) done = cannot(path, errno);
  if (done && *taken && ::rename(name.c_str(), path.c_str()) != 0) done = cannot(path, errno);
  if (!done) {
    ::unlink(name.c_str());
    ::close(fd);
    return done.error();
  }
  struct stat made {};
  ::lstat(path.c_str(), &made);
  return BoundUnixSocket{fd, UnixSocketFile(path, made.st_dev, made.st_ino)};
}

}  // namespace ccrelay::loop
