#include "loop/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace ccrelay::loop {

Result<DirectoryLock> DirectoryLock::of(const std::string& path) {
  // Not for ever: anybody who can read the directory may hold this lock.
  constexpr auto pause = std::chrono::milliseconds(10);
  constexpr int tries = 500;

  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Error{ErrorCode::network, std::strerror(errno)};
  DirectoryLock lock(descriptor);
  for (int i = 0; i < tries; ++i) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Error{ErrorCode::network,
                   std::string("its directory cannot be locked: ") + std::strerror(errno)};
    }
    std::this_thread::sleep_for(pause);
  }
  return Error{ErrorCode::network, "its directory is locked by another program"};
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace ccrelay::loop
