#include "base/rng.hpp"
#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Drawn by weight without replacement.
class WeightedFailover final : public Router {
 public:
  std::string_view name() const override { return "weighted_failover"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest& request, const Candidates& candidates) override;
};

Order WeightedFailover::order(const RouteRequest& request, const Candidates& candidates) {
  base::Rng rng(request.random);
  Order left = as_listed(candidates);
  Order order;
  std::uint64_t sum = 0;
  for (const RouteCandidate& candidate : candidates) {
    sum += static_cast<std::uint64_t>(weight_of(candidate));
  }
  while (!left.empty()) {
    std::uint64_t draw = rng.below(sum);
    std::size_t place = 0;
    for (;; ++place) {
      const auto weight = static_cast<std::uint64_t>(weight_of(candidates[left[place]]));
      if (draw < weight) {
        sum -= weight;
        break;
      }
      draw -= weight;
    }
    order.push_back(left[place]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(place));
  }
  return order;
}

}  // namespace

std::unique_ptr<Router> make_weighted_failover(const RouterSettings&) {
  return std::make_unique<WeightedFailover>();
}

}  // namespace ccrelay::route
