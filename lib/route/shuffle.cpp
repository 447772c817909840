#include <mutex>
#include <string>

#include "base/rng.hpp"
#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Deals a shuffled deck, one card a request, then shuffles again: random, but nobody is forgotten
/// for long. A new deck, too, when the candidates change. The others follow by priority.
class Shuffle final : public Router {
 public:
  std::string_view name() const override { return "shuffle"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest& request, const Candidates& candidates) override;

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
  std::vector<std::size_t> deck_;  // dealt from the back
};

Order Shuffle::order(const RouteRequest& request, const Candidates& candidates) {
  if (candidates.empty()) return {};
  const std::lock_guard lock(mutex_);
  const bool same = std::equal(names_.begin(), names_.end(), candidates.begin(), candidates.end(),
                               [](const auto& name, const auto& c) { return name == c.provider; });
  if (!same || deck_.empty()) {
    names_.clear();
    for (const RouteCandidate& candidate : candidates) names_.emplace_back(candidate.provider);
    deck_ = as_listed(candidates);
    base::Rng rng(request.random);
    for (std::size_t i = deck_.size(); i > 1; --i) std::swap(deck_[i - 1], deck_[rng.below(i)]);
  }
  const std::size_t dealt = deck_.back();
  deck_.pop_back();
  Order order = by_priority(candidates);
  lead_with(order, dealt);
  return order;
}

}  // namespace

std::unique_ptr<Router> make_shuffle(const RouterSettings&) {
  return std::make_unique<Shuffle>();
}

}  // namespace ccrelay::route
