#include "route/make_router.hpp"

#include "route/model_based.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {

Result<std::unique_ptr<Router>> make_router(const RouterSettings& settings) {
  const std::string& strategy = settings.strategy;
  std::unique_ptr<Router> router;
  if (strategy == "failover") router = std::make_unique<Failover>();
  if (strategy == "round_robin") router = std::make_unique<RoundRobin>();
  if (strategy == "weighted_round_robin") router = std::make_unique<WeightedRoundRobin>();
  if (strategy == "shuffle") router = std::make_unique<Shuffle>();
  if (strategy == "least_loaded") router = std::make_unique<LeastLoaded>();
  if (strategy == "weighted_failover") router = std::make_unique<WeightedFailover>();
  if (strategy == "latency_based") router = std::make_unique<LatencyBased>();
  if (strategy == "model_based") {
    router = std::make_unique<ModelBased>(settings.model_mapping, settings.default_provider,
                                          settings.model_fallback);
  }
  if (!router) {
    return Error{ErrorCode::config, "routing.strategy \"" + strategy + "\" is not known"};
  }
  return router;
}

}  // namespace ccrelay::route
