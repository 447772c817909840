#pragma once

#include <ccrelay/router.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace ccrelay::route {

using Order = std::vector<std::size_t>;
using Candidates = std::vector<RouteCandidate>;

/// 0, 1, 2, …
inline Order as_listed(const Candidates& candidates) {
  Order order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// Highest priority first, equal ones as listed.
inline Order by_priority(const Candidates& candidates) {
  Order order = as_listed(candidates);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return candidates[a].priority > candidates[b].priority;
  });
  return order;
}

/// `first` to the front, the others as they stand.
inline void lead_with(Order& order, std::size_t first) {
  const auto place = std::find(order.begin(), order.end(), first);
  std::rotate(order.begin(), place, place + 1);
}

inline int weight_of(const RouteCandidate& candidate) {
  return std::max(candidate.weight, 1);
}

}  // namespace ccrelay::route
