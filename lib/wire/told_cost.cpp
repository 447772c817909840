#include "wire/told_cost.hpp"

#include <cmath>

namespace ccrelay::wire {
namespace {

// No answer costs more: what says so is nonsense, and would empty a budget.
constexpr std::int64_t told_usd_max = 10'000;

// A double has all digits of such a sum, down to a nano-USD.
std::optional<std::int64_t> nano_of_usd(const std::optional<double>& usd) {
  if (!usd || !(*usd >= 0 && *usd <= told_usd_max)) return {};
  return std::llround(*usd * 1e9);
}

}  // namespace

CostMember cost_member_of(std::string_view name) {
  if (name == "cost") return CostMember::cost;
  return name == "cost_in_usd_ticks" ? CostMember::cost_in_usd_ticks : CostMember::none;
}

std::optional<std::int64_t> nano_usd_of(const OpenRouterCost& told) {
  const auto taken = nano_of_usd(told.cost);
  if (!taken || !told.is_byok) return taken;
  const auto upstream = nano_of_usd(told.upstream);
  if (!upstream) return {};
  return *taken + *upstream;
}

std::optional<std::int64_t> nano_usd_of_ticks(std::optional<std::int64_t> ticks) {
  constexpr std::int64_t ticks_per_nano = 10;
  if (!ticks || *ticks < 0 || *ticks > told_usd_max * 1'000'000'000 * ticks_per_nano) return {};
  return (*ticks + ticks_per_nano / 2) / ticks_per_nano;
}

}  // namespace ccrelay::wire
