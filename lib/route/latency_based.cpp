#include "base/rng.hpp"
#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

constexpr std::uint64_t exploring_one_in = 20;

/// The quickest to its first byte first. One whose speed is not known is tried before the others,
/// and one request in twenty goes to a random one, so that a provider that has become quick again
/// is noticed.
class LatencyBased final : public Router {
 public:
  std::string_view name() const override { return "latency_based"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest& request, const Candidates& candidates) override {
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
};

}  // namespace

std::unique_ptr<Router> make_latency_based(const RouterSettings&) {
  return std::make_unique<LatencyBased>();
}

}  // namespace ccrelay::route
