#include "relay/descriptors.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace ccrelay::relay {
namespace {

// Names, logs, certificates, credentials, commands, and dials, which need a third one for a moment.
constexpr long spare = 32;
// The loop's own, its listening sockets, and what curl keeps for itself.
constexpr long each_worker = 16;

long open_descriptors() {
  DIR* const directory = ::opendir("/proc/self/fd");
  if (!directory) return 0;
  long count = 0;
  while (::readdir(directory)) ++count;
  ::closedir(directory);
  return count;
}

}  // namespace

int connections_possible(int workers) {
  constexpr int all = std::numeric_limits<int>::max();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return all;
  const long room = static_cast<long>(std::min<rlim_t>(limit.rlim_cur, all));
  const long free = room - open_descriptors() - spare - each_worker * workers;
  return static_cast<int>(std::max(free / 2, 1L));
}

}  // namespace ccrelay::relay
