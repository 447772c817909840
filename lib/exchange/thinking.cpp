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
  // Most have one provider, or one that has answered everything so far: then nothing is hashed.
  if (!all && signatures.all_from(here, now)) return {};
  std::vector<wire::Span> foreign;
  for (const wire::ThinkingBlock& block : blocks) {
    bool cut = all;
    if (!all) {
      const auto digest = wire::signature_digest(request.body, block);
      const auto known = digest ? signatures.find(*digest, now) : std::nullopt;
      cut = known && *known != here;
    }
    if (cut) foreign.push_back(block.span);
  }
  if (foreign.empty()) return {};
  return wire::cut_thinking(request.body, foreign);
}

}  // namespace ccrelay::exchange
