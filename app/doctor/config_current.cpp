#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "running_relays.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* config_current_id = "config.current";

// Of what it has found last, or would find now.
std::string mistakes_of(const Facts& facts) {
  if (!facts.report->rejected.empty()) return facts.report->rejected;
  return facts.judged ? facts.judged->mistakes : std::string();
}

// Whether the file was written after the relay has taken it.
bool is_touched(const Facts& facts, const struct stat& file) {
  using std::chrono::system_clock;
  const auto taken = facts.reported_at - *facts.report->configuration_age;
  const auto changed = system_clock::from_time_t(file.st_mtim.tv_sec) +
                       std::chrono::milliseconds(file.st_mtim.tv_nsec / 1'000'000);
  return changed > taken;
}

}  // namespace

void check_config_current(const Facts& facts, Findings& out) {
  if (!facts.report || !facts.report->configuration_age) {
    out.skipped(config_current_id, "",
                facts.report_refused.empty() ? "no relay answers that says" : facts.report_refused);
    return;
  }
  const std::string& used = facts.report->configuration;
  const std::string here = facts.path.empty() ? std::string() : absolute_path(facts.path);
  if (used.empty() != here.empty() || (!used.empty() && absolute_path(used) != here)) {
    out.warning(config_current_id, "",
                fmt::format("the running relay has another configuration: {}",
                            used.empty() ? "what is built in" : used),
                "look at that one with --config, or start the relay anew");
    return;
  }
  if (const std::string mistakes = mistakes_of(facts); !mistakes.empty()) {
    for (std::size_t at = 0; at < mistakes.size();) {  // a line each
      const std::size_t end = std::min(mistakes.find('\n', at), mistakes.size());
      out.warning(config_current_id, "",
                  fmt::format("the running relay goes on with an older one: {}",
                              std::string_view(mistakes).substr(at, end - at)),
                  "mend it: the relay takes it then");
      at = end + 1;
    }
    return;
  }
  if (facts.judged && !facts.judged->changes.empty()) {
    out.warning(config_current_id, "",
                fmt::format("the file has changed since the running relay has read it: {}",
                            fmt::join(facts.judged->changes, "; ")),
                "cc-relay reload");
    return;
  }
  struct stat info {};
  if (here.empty() || ::stat(here.c_str(), &info) != 0) {
    out.ok(config_current_id, "", "the running relay has what is built in");
    return;
  }
  // A relay that watches its files has taken what has changed in them, if it is only their time.
  if (facts.config.server.watch_config || !is_touched(facts, info)) {
    out.ok(config_current_id, "", "the running relay has read this file");
    return;
  }
  out.warning(config_current_id, "", "the file has changed since the running relay has read it",
              "cc-relay reload");
}

}  // namespace ccrelay::app::checks
