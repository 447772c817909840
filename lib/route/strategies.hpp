#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/router.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::route {

/// What a router is made of.
struct RouterSettings {
  std::string strategy = "failover";
  std::map<std::string, std::string> model_mapping;
  std::string default_provider;
  bool model_fallback = false;

  bool operator==(const RouterSettings&) const = default;
};

/// One word that `routing.strategy` may be. How its router answers what plans ask of it is in the
/// source of that name.
struct Strategy {
  using Make = std::unique_ptr<Router>(const RouterSettings& settings);

  std::string_view name;
  std::string_view about;  ///< who is asked first, for the template of a configuration
  Make* make;
  bool maps_models = false;  ///< heeds model_mapping, default_provider and model_fallback
};

/// All there are, in the order in which messages name them. The one list: what is written, checked
/// or made goes by it.
std::span<const Strategy> strategies();

/// Null for a word that is none.
const Strategy* find_strategy(std::string_view name);

/// Their names.
std::vector<std::string_view> strategy_names();

/// The router for `settings.strategy`.
Result<std::unique_ptr<Router>> make_router(const RouterSettings& settings);

}  // namespace ccrelay::route
