#include "base/rng.hpp"
#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

constexpr std::uint64_t exploring_one_in = 20;

}  // namespace

Order LatencyBased::order(const RouteRequest& request, const Candidates& candidates) {
  Order order = by_priority(candidates);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Duration one = candidates[a].first_byte.value_or(Duration::zero());
    const Duration other = candidates[b].first_byte.value_or(Duration::zero());
    return one < other;
  });
  base::Rng rng(request.random);
  if (!order.empty() && rng.below(exploring_one_in) == 0) {
    lead_with(order, rng.below(order.size()));
  }
  return order;
}

}  // namespace ccrelay::route
