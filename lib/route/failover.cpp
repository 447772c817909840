#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Highest priority first, equal ones as listed: the next is asked only when the ones before fail.
class Failover final : public Router {
 public:
  std::string_view name() const override { return "failover"; }
  Order order(const RouteRequest&, const Candidates& candidates) override {
    return by_priority(candidates);
  }
  bool may_lead(const RouteRequest&, const RouteCandidate& home,
                const RouteCandidate& first) const override {
    return home.priority == first.priority;
  }
};

}  // namespace

std::unique_ptr<Router> make_failover(const RouterSettings&) {
  return std::make_unique<Failover>();
}

}  // namespace ccrelay::route
