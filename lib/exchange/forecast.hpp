#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exchange/client_request.hpp"
#include "exchange/target.hpp"
#include "price/expected.hpp"
#include "state/output_averages.hpp"
#include "state/prompt_caches.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::exchange {

/// What costs are foreseen from, beside prices.
struct CostsKnown {
  state::PromptCaches& prompts;
  state::OutputAverages& outputs;
};

/// What a request is expected to use and to cost, before anybody has counted it.
class Forecast {
 public:
  /// `wall` is now, too: prices of that day hold.
  Forecast(const CostsKnown& known, const ClientRequest& request, TimePoint now, WallTime wall);

  /// At that provider, with that model of its.
  price::Prospect at(const worker::Entry& entry, std::string_view model) const;
  /// The price of it, in nano-USD; nothing where that is not known.
  std::optional<std::int64_t> cost(const worker::Entry& entry, std::string_view model) const;

 private:
  const TimePoint now_;
  const Day day_;
  std::uint64_t input_;
  std::uint64_t output_;
  bool caches_;
  std::optional<state::CachedPrompt> prompt_;
};

/// Learns from what an answer used, for a request whose costs were weighed.
void learn_use(const CostsKnown& known, const ClientRequest& request, const Target& target,
               const UsageReport& usage, TimePoint answered);

/// `0.036900000`, or `?` for a cost that is not known.
std::string in_usd(std::optional<std::int64_t> nano_usd);

}  // namespace ccrelay::exchange
