#include <mutex>

#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Each in turn; those behind it follow.
class RoundRobin final : public Router {
 public:
  std::string_view name() const override { return "round_robin"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest&, const Candidates& candidates) override {
    if (candidates.empty()) return {};
    const std::lock_guard lock(mutex_);
    Order order = as_listed(candidates);
    std::rotate(order.begin(),
                order.begin() + static_cast<std::ptrdiff_t>(turn_++ % candidates.size()),
                order.end());
    return order;
  }

 private:
  std::mutex mutex_;
  std::uint64_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Router> make_round_robin(const RouterSettings&) {
  return std::make_unique<RoundRobin>();
}

}  // namespace ccrelay::route
