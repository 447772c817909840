#include <mutex>
#include <string>

#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Smooth weighted round robin, as nginx deals to its upstreams: of weights 3 and 1 the turns are
/// A A B A. Begins anew when the candidates or their weights change. The others follow by priority.
class WeightedRoundRobin final : public Router {
 public:
  std::string_view name() const override { return "weighted_round_robin"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest& request, const Candidates& candidates) override;

 private:
  struct Account {
    std::string provider;
    int weight;
    long long balance;
  };
  std::mutex mutex_;
  std::vector<Account> accounts_;
};

// Everybody gains its weight, the richest has its turn and pays what all gained together.
Order WeightedRoundRobin::order(const RouteRequest&, const Candidates& candidates) {
  if (candidates.empty()) return {};
  const std::lock_guard lock(mutex_);
  // With other weights too: what was saved by the old ones could buy many turns in a row.
  const bool same = std::equal(accounts_.begin(), accounts_.end(), candidates.begin(),
                               candidates.end(), [](const auto& account, const auto& candidate) {
                                 return account.provider == candidate.provider &&
                                        account.weight == weight_of(candidate);
                               });
  if (!same) {
    accounts_.clear();
    for (const RouteCandidate& candidate : candidates) {
      accounts_.push_back({std::string(candidate.provider), weight_of(candidate), 0});
    }
  }
  long long sum = 0;
  std::size_t richest = 0;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    accounts_[i].balance += accounts_[i].weight;
    sum += accounts_[i].weight;
    if (accounts_[i].balance > accounts_[richest].balance) richest = i;
  }
  accounts_[richest].balance -= sum;
  Order order = by_priority(candidates);
  lead_with(order, richest);
  return order;
}

}  // namespace

std::unique_ptr<Router> make_weighted_round_robin(const RouterSettings&) {
  return std::make_unique<WeightedRoundRobin>();
}

}  // namespace ccrelay::route
