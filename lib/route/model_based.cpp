#include "route/orders.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {
namespace {

/// Sends a model to its provider. Without a match all are asked by priority. A provider that is
/// mapped but can't be asked now leaves nobody, unless `model_fallback` says that the others
/// follow.
class ModelBased final : public Router {
 public:
  explicit ModelBased(const RouterSettings& settings) : settings_(settings) {}

  std::string_view name() const override { return "model_based"; }
  Order order(const RouteRequest& request, const Candidates& candidates) override;
  /// Where a model is mapped, the mapping is the order, and no home overturns it.
  bool may_lead(const RouteRequest& request, const RouteCandidate&,
                const RouteCandidate&) const override {
    return provider_for(request.model).empty();
  }
  bool may_follow(const RouteRequest& request, const RouteCandidate& shut) const override {
    const std::string_view mapped = provider_for(request.model);
    return settings_.model_fallback || mapped.empty() || mapped == shut.provider;
  }

 private:
  std::string_view provider_for(std::string_view model) const;

  const RouterSettings settings_;
};

// The longest prefix that the model begins with, else the default; empty: any. Upper and lower case
// differ.
std::string_view ModelBased::provider_for(std::string_view model) const {
  std::string_view found = settings_.default_provider;
  std::size_t longest = 0;
  for (const auto& [prefix, provider] : settings_.model_mapping) {
    if (!model.starts_with(prefix) || prefix.size() < longest) continue;
    longest = prefix.size();
    found = provider;
  }
  return found;
}

Order ModelBased::order(const RouteRequest& request, const Candidates& candidates) {
  const std::string_view mapped = provider_for(request.model);
  Order order = by_priority(candidates);
  if (mapped.empty()) return order;
  const auto place = std::find_if(order.begin(), order.end(), [&](std::size_t index) {
    return candidates[index].provider == mapped;
  });
  if (place == order.end()) return settings_.model_fallback ? order : Order{};
  const std::size_t first = *place;
  if (!settings_.model_fallback) return {first};
  lead_with(order, first);
  return order;
}

}  // namespace

std::unique_ptr<Router> make_model_based(const RouterSettings& settings) {
  return std::make_unique<ModelBased>(settings);
}

}  // namespace ccrelay::route
