#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {

Order Failover::order(const RouteRequest&, const Candidates& candidates) {
  return by_priority(candidates);
}

}  // namespace ccrelay::route
