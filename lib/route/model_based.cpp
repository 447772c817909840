#include "route/model_based.hpp"

#include "route/orders.hpp"

namespace ccrelay::route {

std::string_view mapped_provider(const std::map<std::string, std::string>& mapping,
                                 std::string_view default_provider, std::string_view model) {
  std::string_view found = default_provider;
  std::size_t longest = 0;
  for (const auto& [prefix, provider] : mapping) {
    if (!model.starts_with(prefix) || prefix.size() < longest) continue;
    longest = prefix.size();
    found = provider;
  }
  return found;
}

Order ModelBased::order(const RouteRequest& request, const Candidates& candidates) {
  const std::string_view mapped = mapped_provider(mapping_, default_provider_, request.model);
  Order order = by_priority(candidates);
  if (mapped.empty()) return order;
  const auto place = std::find_if(order.begin(), order.end(), [&](std::size_t index) {
    return candidates[index].provider == mapped;
  });
  if (place == order.end()) return fallback_ ? order : Order{};
  const std::size_t first = *place;
  if (!fallback_) return {first};
  lead_with(order, first);
  return order;
}

}  // namespace ccrelay::route
