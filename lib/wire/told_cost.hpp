#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ccrelay::wire {

/// The member of an answer's `usage` in which its provider tells what it cost.
enum class CostMember : std::uint8_t { none, cost, cost_in_usd_ticks };
/// Of a profile's `told_cost`.
CostMember cost_member_of(std::string_view name);

/// OpenRouter's figures, in USD. `cost` is what it takes itself. Where it asked with the account's
/// own key at a vendor (`is_byok`) that is no more than its fee, and the vendor is paid beside it;
/// of other requests `upstream` (`cost_details.upstream_inference_cost`) is a part of `cost`
/// (https://openrouter.ai/docs/use-cases/usage-accounting).
struct OpenRouterCost {
  std::optional<double> cost;
  bool is_byok = false;
  std::optional<double> upstream;
};

/// What that comes to in nano-USD; nothing where it makes no sense.
std::optional<std::int64_t> nano_usd_of(const OpenRouterCost& told);
/// The same of x.ai's ticks (https://docs.x.ai/developers/cost-tracking).
std::optional<std::int64_t> nano_usd_of_ticks(std::optional<std::int64_t> ticks);

}  // namespace ccrelay::wire
