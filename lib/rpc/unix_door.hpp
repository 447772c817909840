#pragma once

#include <ccrelay/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace ccrelay::rpc {

/// A Unix socket that listens, on a thread of its own: grpc could, but does not tell who has
/// connected. Only the relay's own user and root can (0600); who else is let in is the caller's.
class UnixDoor {
 public:
  /// Gets a connection's descriptor, whose owner it is then, and the user of the process at its
  /// other end (SO_PEERCRED, unix(7)). On the door's thread.
  using Entered = std::function<void(int descriptor, std::uint32_t uid)>;

  static Result<std::unique_ptr<UnixDoor>> open(const std::string& path, Entered entered);
  /// Nobody enters any more; takes the socket's file away.
  ~UnixDoor();
  UnixDoor(const UnixDoor&) = delete;
  UnixDoor& operator=(const UnixDoor&) = delete;

 private:
  UnixDoor(std::string path, int listener, int bell, Entered entered);
  void run();

  const std::string path_;
  const int listener_;
  const int bell_;  // an eventfd: closes
  const Entered entered_;
  std::uint64_t device_ = 0, inode_ = 0;  // of the file, which may be another's by the end
  std::thread thread_;
};

}  // namespace ccrelay::rpc
