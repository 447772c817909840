#include "exchange/thinking.hpp"

#include <fmt/format.h>

#include "wire/model_family.hpp"
#include "wire/thinking_cut.hpp"

namespace ccrelay::exchange {

std::string issuer(const worker::Entry& entry, std::string_view model_sent) {
  return fmt::format("{} {}", entry.destination.origin, wire::model_family(model_sent));
}

std::vector<Splice> thinking_cuts(state::Signatures& signatures, const ClientRequest& request,
                                  const std::string& here, bool all, TimePoint now) {
  const auto& blocks = request.view.thinking;
  std::vector<wire::Span> foreign;
  for (const wire::ThinkingBlock& block : blocks) {
    bool cut = all;
    if (!all && block.signature) {
      const auto known = signatures.find(*block.signature, now);
      cut = known && *known != here;
    }
    if (cut) foreign.push_back(block.span);
  }
  if (foreign.empty()) return {};
  return wire::cut_thinking(request.body, foreign);
}

}  // namespace ccrelay::exchange
