#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/keys.hpp"

namespace ccrelay::state::pools {

inline const std::vector<std::size_t> none_tried;

inline TimePoint at(int s) {
  return TimePoint(std::chrono::seconds(s));
}

inline Pool pool_of(std::vector<std::string> fingerprints, KeyLimits limits = {},
                    PoolStrategy strategy = PoolStrategy::least_loaded) {
  Pool pool{"p", strategy, {}};
  for (auto& fingerprint : fingerprints) pool.keys.push_back({std::move(fingerprint), limits, 1});
  return pool;
}

inline Choice choose(Keys& keys, const Pool& pool, TimePoint now, std::string_view model = "m",
                     const std::vector<std::size_t>& tried = none_tried) {
  return keys.choose({pool, model, tried}, now);
}

/// Takes a key and drops the lease at once; what stays is one request in the window.
inline bool take(Keys& keys, const Pool& pool, TimePoint now) {
  return choose(keys, pool, now).index.has_value();
}

inline KeyReport report(Keys& keys, const Pool& pool, TimePoint now) {
  return keys.report(pool, now).at(0);
}

inline Tokens used(std::uint64_t input, std::uint64_t output, std::uint64_t wrote,
                   std::uint64_t read) {
  return {{input, output, wrote, std::nullopt, read}};
}

}  // namespace ccrelay::state::pools
