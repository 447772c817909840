#include "testing/broken_pipe.hpp"

#include <csignal>

namespace ccrelay::testing {

void ignore_broken_pipe() {
  struct sigaction current {};
  if (sigaction(SIGPIPE, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) return;
  current.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &current, nullptr);
}

}  // namespace ccrelay::testing
