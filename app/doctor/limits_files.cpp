#include <fmt/format.h>
#include <sys/resource.h>

#include <string>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* limits_files_id = "limits.files";
// Beside two for each client: files, loops, connections that wait to be used again.
constexpr rlim_t spare = 100;

}  // namespace

// `serve` raises the limit as far as it may: the hard one counts.
void check_limits_files(const Facts& facts, Findings& out) {
  rlimit limit{};
  std::string whose = "of this shell";
  bool known = false;
#ifdef __linux__
  if (facts.is_ours() && facts.contact->running && facts.contact->running->process > 0) {
    known = ::prlimit(facts.contact->running->process, RLIMIT_NOFILE, nullptr, &limit) == 0;
    if (known) whose = "of the running relay";
  }
#endif
  if (!known) known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  if (!known) {
    out.skipped(limits_files_id, "", "the limit can't be read");
    return;
  }
  const int connections = facts.config.server.max_connections;
  const rlim_t wanted = 2 * static_cast<rlim_t>(connections) + spare;
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted) {
    out.ok(limits_files_id, "", fmt::format("enough for {} connections", connections));
    return;
  }
  out.warning(limits_files_id, "",
              fmt::format("the limit {} is {} open files; {} connections (server.max_connections) "
                          "may need {}",
                          whose, limit.rlim_max, connections, wanted),
              fmt::format("allow more (ulimit -Hn, LimitNOFILE={}), or lower "
                          "server.max_connections",
                          wanted));
}

}  // namespace ccrelay::app::checks
