#pragma once

#include <ccrelay/router.hpp>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace ccrelay::route {

/// Highest priority first, equal ones as listed: the next is asked only when the ones before fail.
class Failover final : public Router {
 public:
  std::string_view name() const override { return "failover"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override;
};

/// Each in turn; those behind it follow.
class RoundRobin final : public Router {
 public:
  std::string_view name() const override { return "round_robin"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override;

 private:
  std::mutex mutex_;
  std::uint64_t turn_ = 0;
};

/// Smooth weighted round robin, as nginx deals to its upstreams: of weights 3 and 1 the turns are
/// A A B A. Begins anew when the candidates or their weights change. The others follow by priority.
class WeightedRoundRobin final : public Router {
 public:
  std::string_view name() const override { return "weighted_round_robin"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override;

 private:
  struct Account {
    std::string provider;
    int weight;
    long long balance;
  };
  std::mutex mutex_;
  std::vector<Account> accounts_;
};

/// Deals a shuffled deck, one card a request, then shuffles again: random, but nobody is forgotten
/// for long. A new deck, too, when the candidates change. The others follow by priority.
class Shuffle final : public Router {
 public:
  std::string_view name() const override { return "shuffle"; }
  std::vector<std::size_t> order(const RouteRequest& request,
                                 const std::vector<RouteCandidate>& candidates) override;

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
  std::vector<std::size_t> deck_;  // dealt from the back
};

/// Fewest requests in flight first, ties by priority, and what is equal still takes turns.
class LeastLoaded final : public Router {
 public:
  std::string_view name() const override { return "least_loaded"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override;

 private:
  std::mutex mutex_;
  std::uint64_t turn_ = 0;
};

/// Drawn by weight without replacement.
class WeightedFailover final : public Router {
 public:
  std::string_view name() const override { return "weighted_failover"; }
  std::vector<std::size_t> order(const RouteRequest& request,
                                 const std::vector<RouteCandidate>& candidates) override;
};

/// The quickest to its first byte first. One whose speed is not known is tried before the others,
/// and one request in twenty goes to a random one, so that a provider that has become quick again
/// is noticed.
class LatencyBased final : public Router {
 public:
  std::string_view name() const override { return "latency_based"; }
  std::vector<std::size_t> order(const RouteRequest& request,
                                 const std::vector<RouteCandidate>& candidates) override;
};

}  // namespace ccrelay::route
