#include "upstream/second_descriptor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace ccrelay::upstream {

// In two steps, because ThreadSanitizer knows a descriptor by its number: that fcntl(F_DUPFD) makes
// one goes unseen, and the number may have been another thread's before.
int second_descriptor(int socket) {
  const int own = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (own < 0 || ::dup3(socket, own, O_CLOEXEC) >= 0) return own;
  const int error = errno;
  ::close(own);
  errno = error;
  return -1;
}

}  // namespace ccrelay::upstream
