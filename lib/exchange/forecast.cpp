#include "exchange/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/stable_hash.hpp"
#include "price/table.hpp"

namespace ccrelay::exchange {
namespace {

std::uint64_t place_of(const worker::Entry& entry, std::string_view model) {
  base::StableHasher hasher;
  hasher.add(entry.config->name);
  hasher.add(model);
  return hasher.value();
}

// What an answer said of the cache that its own prompt is in.
std::optional<state::CacheUse> cache_use(const UsageReport& usage) {
  if (usage.charges.empty()) return {};
  const Tokens& tokens = usage.charges.front().tokens;
  return state::CacheUse{tokens[TokenClass::cache_read].value_or(0),
                         tokens[TokenClass::cache_write_5m].value_or(0),
                         tokens[TokenClass::cache_write_1h].value_or(0)};
}

// The tokens of an answer that came whole, however many models had a part in it.
std::optional<std::uint64_t> whole_output(const UsageReport& usage) {
  std::optional<std::uint64_t> sum;
  for (const Charge& charge : usage.charges) {
    if (charge.partial || !charge.billed) return {};
    if (charge.kind == ChargeKind::compaction || charge.kind == ChargeKind::advisor) continue;
    if (const auto& output = charge.tokens[TokenClass::output]) sum = sum.value_or(0) + *output;
  }
  return sum;
}

}  // namespace

Forecast::Forecast(const CostsKnown& known, const ClientRequest& request, TimePoint now,
                   WallTime wall)
    : now_(now),
      day_(price::day_of(wall)),
      input_(tokens_of(request.body.size())),
      output_(known.outputs.of(request.view.model)),
      caches_(request.view.caches) {
  if (request.view.max_tokens) output_ = std::min(output_, *request.view.max_tokens);
  if (request.prompt && !request.begins) prompt_ = known.prompts.find(*request.prompt);
}

price::Prospect Forecast::at(const worker::Entry& entry, std::string_view model) const {
  price::Prospect prospect;
  prospect.input = input_;
  prospect.output = output_;
  if (!prompt_) return prospect;
  prospect.warm = prompt_->warm(place_of(entry, model), now_);
  if (caches_) prospect.cached = prompt_->tokens();
  return prospect;
}

std::optional<std::int64_t> Forecast::cost(const worker::Entry& entry,
                                           std::string_view model) const {
  if (!entry.prices) return {};
  const auto price = entry.prices->find(entry.priced(model), day_);
  return price ? price::expected(*price, at(entry, model), entry.price_factor) : std::nullopt;
}

void learn_use(const CostsKnown& known, const ClientRequest& request, const Target& target,
               const UsageReport& usage, TimePoint answered) {
  if (!request.weighed) return;
  if (const auto output = whole_output(usage)) known.outputs.note(request.view.model, *output);
  const auto use = cache_use(usage);
  if (!use || !request.prompt) return;
  known.prompts.note(*request.prompt, place_of(*target.entry, target.model), *use, answered);
}

std::string in_usd(std::optional<std::int64_t> nano_usd) {
  constexpr std::int64_t nanos = 1'000'000'000;
  if (!nano_usd) return "?";
  return fmt::format("{}.{:09}", *nano_usd / nanos, *nano_usd % nanos);
}

}  // namespace ccrelay::exchange
