#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "state/pool.hpp"

namespace ccrelay::state {

/// A key that is free for a request.
struct FreeKey {
  std::size_t index;  ///< into the pool
  const PoolKey* key;
  int in_flight;
  double share_used;         ///< of its tightest budget
  std::uint64_t last_taken;  ///< lower = longer ago
};

struct Pick {
  std::size_t place;     ///< into the free keys
  std::string_view why;  ///< a fixed word: "home", "rendezvous" or the strategy's name
};

/// Which of the free keys a request gets: its home; else, if keys are spread by conversation, the
/// one it falls on; else the strategy's. `free` is not empty and in the pool's order; `turn` is the
/// index at which a round robin looks first.
Pick pick_key(const Ask& ask, std::span<const FreeKey> free, std::size_t turn);

std::string_view to_string(PoolStrategy strategy);

}  // namespace ccrelay::state
