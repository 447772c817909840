#include "relay_users.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "files.hpp"

namespace ccrelay::app {

Result<RelayUse> RelayUse::first(const std::string& folder) {
  std::string name = folder + "/users-XXXXXX";
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) return file_error("cannot write in", folder, errno);
  if (::flock(file.number(), LOCK_SH | LOCK_NB) != 0) return file_error("cannot lock", name, errno);
  return RelayUse(std::move(file), name);
}

std::optional<RelayUse> RelayUse::join(const std::string& file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!opened || ::flock(opened.number(), LOCK_SH | LOCK_NB) != 0) return {};
  return RelayUse(std::move(opened), file);
}

bool RelayUse::leave() {
  lock_ = Descriptor();
  const Descriptor look(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
  if (!look || ::flock(look.number(), LOCK_EX | LOCK_NB) == 0) return true;
  // Other users hold it, or the relay does, which has seen that there are none.
  return ::flock(look.number(), LOCK_SH | LOCK_NB) != 0;
}

void end_with_last_user(const std::string& file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  // It may be gone already, and the user with it.
  std::thread([lock = std::move(opened), file] {
    while (lock && ::flock(lock.number(), LOCK_EX) != 0 && errno == EINTR) {
    }
    ::unlink(file.c_str());
    ::kill(::getpid(), SIGTERM);
    while (true) ::pause();  // the lock stays, so that nobody gets in
  }).detach();
}

}  // namespace ccrelay::app
