#include <map>
#include <mutex>
#include <string>

#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Smooth weighted round robin, as nginx deals to its upstreams: of weights 3 and 1 the turns are
/// A A B A. Who is no candidate of a request neither gains by it nor pays: where models have
/// different providers, each has the turns of its weight among those it could take. The others
/// follow by priority.
class WeightedRoundRobin final : public Router {
 public:
  std::string_view name() const override { return "weighted_round_robin"; }
  bool spreads() const override { return true; }
  Order order(const RouteRequest& request, const Candidates& candidates) override;

 private:
  struct Account {
    int weight;
    long long balance = 0;
  };
  Account& account_of(const RouteCandidate& candidate);

  std::mutex mutex_;
  std::map<std::string, Account, std::less<>> accounts_;  // by provider; none is ever closed
};

// Everybody gains its weight, the richest has its turn and pays what all gained together.
Order WeightedRoundRobin::order(const RouteRequest&, const Candidates& candidates) {
  if (candidates.empty()) return {};
  const std::lock_guard lock(mutex_);
  // A router outlives a reload: what was saved by other weights could buy many turns in a row.
  for (const RouteCandidate& candidate : candidates) {
    if (account_of(candidate).weight != weight_of(candidate)) accounts_.clear();
  }
  long long sum = 0;
  Account* richest = nullptr;
  std::size_t first = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Account& account = account_of(candidates[i]);
    account.balance += account.weight;
    sum += account.weight;
    if (richest && account.balance <= richest->balance) continue;
    richest = &account;
    first = i;
  }
  richest->balance -= sum;
  Order order = by_priority(candidates);
  lead_with(order, first);
  return order;
}

WeightedRoundRobin::Account& WeightedRoundRobin::account_of(const RouteCandidate& candidate) {
  const auto found = accounts_.find(candidate.provider);
  if (found != accounts_.end()) return found->second;
  return accounts_.emplace(candidate.provider, Account{weight_of(candidate)}).first->second;
}

}  // namespace

std::unique_ptr<Router> make_weighted_round_robin(const RouterSettings&) {
  return std::make_unique<WeightedRoundRobin>();
}

}  // namespace ccrelay::route
