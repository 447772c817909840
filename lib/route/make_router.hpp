#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/router.hpp>

#include <map>
#include <memory>
#include <string>

namespace ccrelay::route {

/// What a router is made of.
struct RouterSettings {
  std::string strategy = "failover";
  std::map<std::string, std::string> model_mapping;
  std::string default_provider;
  bool model_fallback = false;

  bool operator==(const RouterSettings&) const = default;
};

/// The router for `settings.strategy`.
Result<std::unique_ptr<Router>> make_router(const RouterSettings& settings);

}  // namespace ccrelay::route
