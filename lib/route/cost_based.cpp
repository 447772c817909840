#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

// Expected costs are estimates: what differs by no more than this is as good as equal.
constexpr std::int64_t equal_within = 10;  // a tenth

/// The cheapest for this request first. Among those that cost at most a tenth more than the
/// cheapest the conversation's home goes first, then priority decides. Those whose price is not
/// known follow by priority.
class CostBased final : public Router {
 public:
  std::string_view name() const override { return "cost_based"; }
  bool weighs_costs() const override { return true; }
  Order order(const RouteRequest&, const Candidates& candidates) override;
  /// What a home is worth is in the order already, and `first` may itself be dearer than the
  /// cheapest: a tenth upon a tenth would be more.
  bool may_lead(const RouteRequest&, const RouteCandidate& home,
                const RouteCandidate& first) const override {
    return home.provider == first.provider;
  }
};

Order CostBased::order(const RouteRequest&, const Candidates& candidates) {
  Order order = by_priority(candidates);
  const auto cost = [&](std::size_t index) { return candidates[index].expected_nano_usd; };
  const auto unknown = std::stable_partition(order.begin(), order.end(),
                                             [&](std::size_t index) { return cost(index); });
  const auto home_first = [&](Order::iterator begin, Order::iterator end) {
    std::stable_partition(begin, end, [&](std::size_t index) { return candidates[index].is_home; });
  };
  if (unknown != order.begin()) {
    const auto cheaper = [&](std::size_t a, std::size_t b) { return *cost(a) < *cost(b); };
    const std::int64_t least = *cost(*std::min_element(order.begin(), unknown, cheaper));
    const auto dearer = std::stable_partition(order.begin(), unknown, [&](std::size_t index) {
      return *cost(index) - least <= least / equal_within;
    });
    home_first(order.begin(), dearer);
    std::stable_sort(dearer, unknown, cheaper);
  }
  // As failover does: a home leads those of its own priority.
  for (auto first = unknown; first != order.end();) {
    const auto end = std::find_if(first, order.end(), [&](std::size_t index) {
      return candidates[index].priority != candidates[*first].priority;
    });
    home_first(first, end);
    first = end;
  }
  return order;
}

}  // namespace

std::unique_ptr<Router> make_cost_based(const RouterSettings&) {
  return std::make_unique<CostBased>();
}

}  // namespace ccrelay::route
