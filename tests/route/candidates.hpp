#pragma once

#include <ccrelay/router.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "route/strategies.hpp"

namespace ccrelay::route {

/// Names (literals: candidates only refer to them) with all else as it is by default.
inline std::vector<RouteCandidate> named(std::initializer_list<std::string_view> names) {
  std::vector<RouteCandidate> candidates;
  for (const std::string_view name : names) candidates.emplace_back().provider = name;
  return candidates;
}

inline RouteRequest asking(std::uint64_t random, std::string_view model = "m") {
  return {model, false, random};
}

/// The router of a strategy.
inline std::unique_ptr<Router> made(std::string_view strategy, RouterSettings settings = {}) {
  settings.strategy = strategy;
  auto router = make_router(settings);
  if (!router) FAIL(router.error().message);
  return std::move(*router);
}

/// The names in the order in which `router` would have them tried, run together: "abc".
inline std::string ordered(Router& router, const std::vector<RouteCandidate>& candidates,
                           const RouteRequest& request = asking(0)) {
  std::string names;
  for (const std::size_t index : router.order(request, candidates)) {
    names += candidates.at(index).provider;
  }
  return names;
}

/// Who is asked first by so many requests, one after the other.
inline std::string turns(Router& router, const std::vector<RouteCandidate>& candidates, int times) {
  std::string names;
  for (int i = 0; i < times; ++i) {
    names += candidates.at(router.order(asking(0), candidates).at(0)).provider;
  }
  return names;
}

}  // namespace ccrelay::route
