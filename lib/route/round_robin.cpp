#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {

Order RoundRobin::order(const RouteRequest&, const Candidates& candidates) {
  if (candidates.empty()) return {};
  const std::lock_guard lock(mutex_);
  Order order = as_listed(candidates);
  std::rotate(order.begin(),
              order.begin() + static_cast<std::ptrdiff_t>(turn_++ % candidates.size()),
              order.end());
  return order;
}

}  // namespace ccrelay::route
