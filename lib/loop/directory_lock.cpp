#include "loop/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

namespace ccrelay::loop {

DirectoryLock::DirectoryLock(const std::string& path, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause(10);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  descriptor_ =
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) return;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK &&
         patience.count() > 0) {
    std::this_thread::sleep_for(pause);
    patience -= pause;
  }
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace ccrelay::loop
