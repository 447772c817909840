#pragma once

#include <ccrelay/router.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::route {

/// The provider for a model: the longest prefix in `mapping` that it begins with, else the default;
/// empty: any. Upper and lower case differ.
std::string_view mapped_provider(const std::map<std::string, std::string>& mapping,
                                 std::string_view default_provider, std::string_view model);

/// Sends a model to its provider. Without a match all are asked by priority. A provider that is
/// mapped but can't be asked now leaves nobody, unless `fallback` says that the others follow (G46:
/// the older relay could not fall back).
class ModelBased final : public Router {
 public:
  ModelBased(std::map<std::string, std::string> mapping, std::string default_provider,
             bool fallback)
      : mapping_(std::move(mapping)),
        default_provider_(std::move(default_provider)),
        fallback_(fallback) {}

  std::string_view name() const override { return "model_based"; }
  std::vector<std::size_t> order(const RouteRequest& request,
                                 const std::vector<RouteCandidate>& candidates) override;

 private:
  const std::map<std::string, std::string> mapping_;
  const std::string default_provider_;
  const bool fallback_;
};

}  // namespace ccrelay::route
