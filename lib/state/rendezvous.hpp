#pragma once

#include <cstdint>
#include <string_view>

namespace ccrelay::state {

/// Rendezvous hashing: of several names, a conversation belongs to the one with the highest score.
/// No table is needed, and when a name leaves only its own conversations move, spread over the
/// others. A name gets a share of conversations proportional to its weight (at least 1). Positive.
double rendezvous_score(std::uint64_t conversation, std::string_view name, int weight);

}  // namespace ccrelay::state
