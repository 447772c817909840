#include <fmt/format.h>

#include <string>
#include <thread>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* workers_id = "workers";

}  // namespace

void check_workers(const Facts& facts, Findings& out) {
  const int workers = facts.config.server.workers;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  const std::string words = fmt::format("{} on {} core{}", workers, cores, cores == 1 ? "" : "s");
  if (cores == 0) {
    out.skipped(workers_id, "", "this machine does not say how many cores it has");
  } else if (workers > cores) {
    out.warning(workers_id, "", words,
                "more than there are cores make nothing faster: server.workers");
  } else {
    out.ok(workers_id, "", words);
  }
}

}  // namespace ccrelay::app::checks
