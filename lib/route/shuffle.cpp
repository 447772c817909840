#include <mutex>
#include <set>
#include <string>

#include "base/rng.hpp"
#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Deals from a shuffled deck, one card a request, then shuffles again: random, but nobody is
/// forgotten for long. Whoever is no candidate of a request keeps its card for one that it could
/// take. The others follow by priority.
class Shuffle final : public Router {
 public:
  std::string_view name() const override { return "shuffle"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest& request, const Candidates& candidates) override;

 private:
  std::mutex mutex_;
  std::set<std::string, std::less<>> dealt_;  // providers whose cards are out
};

// A card drawn from those that are left is as random as the top one of a shuffled deck.
Order Shuffle::order(const RouteRequest& request, const Candidates& candidates) {
  if (candidates.empty()) return {};
  const std::lock_guard lock(mutex_);
  Order left;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!dealt_.contains(candidates[i].provider)) left.push_back(i);
  }
  if (left.empty()) {
    for (const RouteCandidate& candidate : candidates) {
      dealt_.erase(dealt_.find(candidate.provider));
    }
    left = as_listed(candidates);
  }
  base::Rng rng(request.random);
  const std::size_t card = left[rng.below(left.size())];
  dealt_.emplace(candidates[card].provider);
  Order order = by_priority(candidates);
  lead_with(order, card);
  return order;
}

}  // namespace

std::unique_ptr<Router> make_shuffle(const RouterSettings&) {
  return std::make_unique<Shuffle>();
}

}  // namespace ccrelay::route
