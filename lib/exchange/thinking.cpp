#include "exchange/thinking.hpp"

#include <algorithm>

#include "wire/model_family.hpp"
#include "wire/thinking_cut.hpp"

namespace ccrelay::exchange {
namespace {

// Reasoning of a provider that speaks another dialect (dialect/tags.hpp): whoever gets it with
// Anthropic's is not the one that made it.
constexpr std::string_view tag_begin = "ccr1.";

}  // namespace

std::string issuer(const worker::Entry& entry, std::string_view model_sent) {
  std::string name = entry.destination.origin;
  name += ' ';
  name += wire::model_family(model_sent);
  return name;
}

std::vector<Splice> thinking_cuts(state::Signatures& signatures, const ClientRequest& request,
                                  const std::string& here, bool all, TimePoint now) {
  const auto& blocks = request.view.thinking;
  const auto is_tagged = [&](const wire::ThinkingBlock& block) {
    return std::string_view(request.body)
        .substr(block.signature.offset, block.signature.length)
        .starts_with(tag_begin);
  };
  // Most have one provider, or one that has answered everything so far: then nothing is hashed.
  const bool any_tagged = std::any_of(blocks.begin(), blocks.end(), is_tagged);
  if (!all && !any_tagged && signatures.all_from(here, now)) return {};
  std::vector<wire::Span> foreign;
  for (const wire::ThinkingBlock& block : blocks) {
    bool cut = all || is_tagged(block);
    if (!cut) {
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
