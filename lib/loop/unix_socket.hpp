#pragma once

#include <ccrelay/result.hpp>

#include <sys/types.h>

#include <string>
#include <string_view>

namespace ccrelay::loop {

/// Who may connect to a Unix socket: ownership and mode of its file.
struct UnixAccess {
  unsigned mode = 0600;
  std::string owner;  ///< `user`, `user:group` or `:group`; empty = as created
};

/// The file of a Unix socket that this process listens on. Removed with this object, unless another
/// one has taken its place.
class UnixSocketFile {
 public:
  UnixSocketFile(std::string path, dev_t device, ino_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}
  ~UnixSocketFile();
  UnixSocketFile(UnixSocketFile&& other) noexcept
      : path_(std::move(other.path_)), device_(other.device_), inode_(other.inode_) {
    other.path_.clear();
  }
  UnixSocketFile& operator=(UnixSocketFile&&) = delete;

 private:
  std::string path_;  // empty when moved from
  dev_t device_;
  ino_t inode_;
};

/// A socket that listens at the path, with its file as `access` says. A socket that nobody listens
/// on any more is replaced; anything else at that path is an error, also when several begin at
/// once. With `take_over` the place of a socket that another process of this user listens on is
/// taken, in one step: whoever connects gets the one or the other. `setting` is where the path is
/// set, for messages.
struct BoundUnixSocket {
  int descriptor;
  UnixSocketFile file;
};
Result<BoundUnixSocket> bind_unix_socket(const std::string& path, const UnixAccess& access,
                                         bool take_over = false,
                                         std::string_view setting = "server.listen or --listen");

}  // namespace ccrelay::loop
