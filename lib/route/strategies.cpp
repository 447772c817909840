#include "route/strategies.hpp"

#include <algorithm>

namespace ccrelay::route {

// Each in the source of its name.
Strategy::Make make_failover, make_round_robin, make_weighted_round_robin, make_shuffle,
    make_least_loaded, make_weighted_failover, make_latency_based, make_cost_based,
    make_model_based;

std::span<const Strategy> strategies() {
  static constexpr Strategy table[] = {
      {"failover", "by priority, then as listed", make_failover},
      {"round_robin", "each in turn", make_round_robin},
      {"weighted_round_robin", "in turn, by weight", make_weighted_round_robin},
      {"shuffle", "each once in random order, then again", make_shuffle},
      {"least_loaded", "the one with the fewest requests in flight", make_least_loaded},
      {"weighted_failover", "drawn by weight", make_weighted_failover},
      {"latency_based", "the quickest to its first byte", make_latency_based},
      {"cost_based", "the cheapest for the request, with what is in prompt caches",
       make_cost_based},
      {"model_based", "the one that routing.model_mapping names for the model", make_model_based,
       true},
  };
  return table;
}

const Strategy* find_strategy(std::string_view name) {
  const auto all = strategies();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Strategy& strategy) { return strategy.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> strategy_names() {
  std::vector<std::string_view> names;
  for (const Strategy& strategy : strategies()) names.push_back(strategy.name);
  return names;
}

Result<std::unique_ptr<Router>> make_router(const RouterSettings& settings) {
  const Strategy* strategy = find_strategy(settings.strategy);
  if (!strategy) {
    return Error{ErrorCode::config, "routing.strategy \"" + settings.strategy + "\" is not known"};
  }
  return strategy->make(settings);
}

}  // namespace ccrelay::route
