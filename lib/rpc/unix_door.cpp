#include "rpc/unix_door.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace ccrelay::rpc {
namespace {

Error failed(const std::string& path, const std::string& what) {
  return Error{ErrorCode::config, "grpc.listen: unix:" + path + ": " + what};
}
Error failed_with_errno(const std::string& path, int code) {
  return failed(path, std::generic_category().message(code));
}

int socket_of_kind(int flags) {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

// A socket that nobody listens on any more is in the way of the next one.
bool is_abandoned(const sockaddr_un& address) {
  const int probe = socket_of_kind(0);
  if (probe < 0) return false;
  const bool refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  return refused;
}

int bind_to(int listener, const sockaddr_un& address) {
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listener, raw, sizeof(address)) == 0) return 0;
  struct stat about {};
  if (errno == EADDRINUSE && ::lstat(address.sun_path, &about) == 0 && S_ISSOCK(about.st_mode) &&
      is_abandoned(address) && ::unlink(address.sun_path) == 0 &&
      ::bind(listener, raw, sizeof(address)) == 0) {
    return 0;
  }
  return errno == 0 ? EADDRINUSE : errno;
}

}  // namespace

Result<std::unique_ptr<UnixDoor>> UnixDoor::open(const std::string& path, Entered entered) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return failed(path, "the path is too long for a Unix socket; at most " +
                            std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int listener = socket_of_kind(SOCK_NONBLOCK);
  if (listener < 0) return failed_with_errno(path, errno);
  int problem = bind_to(listener, address);
  // Nobody can connect between these: it does not listen yet.
  if (problem == 0 && (::chmod(address.sun_path, 0600) != 0 || ::listen(listener, 64) != 0)) {
    problem = errno;
    ::unlink(address.sun_path);
  }
  const int bell = problem == 0 ? ::eventfd(0, EFD_CLOEXEC) : -1;
  if (problem == 0 && bell < 0) problem = errno;
  if (problem != 0) {
    ::close(listener);
    return failed_with_errno(path, problem);
  }
  return std::unique_ptr<UnixDoor>(new UnixDoor(path, listener, bell, std::move(entered)));
}

UnixDoor::UnixDoor(std::string path, int listener, int bell, Entered entered)
    : path_(std::move(path)), listener_(listener), bell_(bell), entered_(std::move(entered)) {
  struct stat about {};
  if (::lstat(path_.c_str(), &about) == 0) {
    device_ = about.st_dev;
    inode_ = about.st_ino;
  }
  thread_ = std::thread([this] { run(); });
}

UnixDoor::~UnixDoor() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(bell_, &one, sizeof(one));
  thread_.join();
  ::close(listener_);
  ::close(bell_);
  struct stat about {};
  if (::lstat(path_.c_str(), &about) == 0 && about.st_dev == device_ && about.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

void UnixDoor::run() {
  for (;;) {
    pollfd watched[] = {{listener_, POLLIN, 0}, {bell_, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0 && errno != EINTR) return;
    if (watched[1].revents != 0) return;
    if (watched[0].revents == 0) continue;
    const int entered = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (entered < 0) {
      // Out of descriptors: whoever waits is still there when there are some.
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        ::poll(&watched[1], 1, 100);
      }
      continue;
    }
    ucred who{};
    socklen_t size = sizeof(who);
    if (::getsockopt(entered, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
      ::close(entered);
      continue;
    }
    entered_(entered, who.uid);
  }
}

}  // namespace ccrelay::rpc
