#include <mutex>

#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Fewest requests in flight first, ties by priority, and what is equal still takes turns.
class LeastLoaded final : public Router {
 public:
  std::string_view name() const override { return "least_loaded"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest&, const Candidates& candidates) override;

 private:
  std::mutex mutex_;
  std::uint64_t turn_ = 0;
};

Order LeastLoaded::order(const RouteRequest&, const Candidates& candidates) {
  const auto goes_before = [&](std::size_t a, std::size_t b) {
    const RouteCandidate& one = candidates[a];
    const RouteCandidate& other = candidates[b];
    return one.in_flight != other.in_flight ? one.in_flight < other.in_flight
                                            : one.priority > other.priority;
  };
  Order order = as_listed(candidates);
  std::stable_sort(order.begin(), order.end(), goes_before);
  std::uint64_t turn = 0;
  {
    const std::lock_guard lock(mutex_);
    turn = turn_++;
  }
  // Each group of equals turns by itself: turned all together, the one listed behind a busier one
  // would have its turns too.
  for (auto first = order.begin(); first != order.end();) {
    const auto end = std::find_if(first, order.end(),
                                  [&](std::size_t index) { return goes_before(*first, index); });
    std::rotate(first, first + static_cast<std::ptrdiff_t>(turn % (end - first)), end);
    first = end;
  }
  return order;
}

}  // namespace

std::unique_ptr<Router> make_least_loaded(const RouterSettings&) {
  return std::make_unique<LeastLoaded>();
}

}  // namespace ccrelay::route
