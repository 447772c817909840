#include <algorithm>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* identity_id = "identity";

}  // namespace

void check_identity(const Facts& facts, Findings& out) {
  const bool none = std::none_of(facts.providers.begin(), facts.providers.end(),
                                 [](const auto& one) { return one.identity.looked_at; });
  if (none) {
    out.skipped(identity_id, "",
                facts.asked.offline ? "--offline" : "none was needed, or could be asked");
    return;
  }
  for (const ProviderCheck& provider : facts.providers) {
    const CheckStep& step = provider.identity;
    if (!step.looked_at) continue;
    if (step.ok) {
      out.ok(identity_id, provider.name, "found: " + step.words);
    } else {
      const auto [message, advice] = halves(step.words);
      out.error(identity_id, provider.name, message,
                advice.empty() ? "log in with the cloud's own tool, or name who the relay is "
                                 "(docs/clouds.md)"
                               : advice);
    }
  }
}

}  // namespace ccrelay::app::checks
