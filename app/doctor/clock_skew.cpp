#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

using std::chrono::seconds;

constexpr const char* clock_id = "clock";
constexpr seconds warned_from{60};
// AWS refuses signatures that are five minutes off, others their tokens.
constexpr seconds wrong_from{300};

}  // namespace

// One provider's clock may be wrong itself: of several the nearest counts.
void check_clock(const Facts& facts, Findings& out) {
  const ProviderCheck* nearest = nullptr;
  for (const ProviderCheck& each : facts.providers) {
    if (!each.clock_ahead) continue;
    const bool nearer = nearest == nullptr || std::chrono::abs(*each.clock_ahead) <
                                                  std::chrono::abs(*nearest->clock_ahead);
    if (nearer) nearest = &each;
  }
  if (nearest == nullptr) {
    out.skipped(clock_id, "",
                facts.asked.offline ? "--offline" : "no provider has said what time it is");
    return;
  }
  const seconds off = std::chrono::abs(*nearest->clock_ahead);
  if (off < warned_from) {
    out.ok(clock_id, "", fmt::format("as that of {}", nearest->name));
    return;
  }
  const std::string words =
      fmt::format("{} s {} that of {}", off.count(),
                  nearest->clock_ahead->count() > 0 ? "ahead of" : "behind", nearest->name);
  const std::string advice = "set this machine's clock (timedatectl set-ntp true)";
  if (off >= wrong_from) {
    out.error(clock_id, "", words + ": signatures and tokens will be refused", advice);
  } else {
    out.warning(clock_id, "", words, advice);
  }
}

}  // namespace ccrelay::app::checks
