#include "state/rendezvous.hpp"

#include <algorithm>
#include <cmath>

#include "base/rng.hpp"
#include "base/stable_hash.hpp"

namespace ccrelay::state {

double rendezvous_score(std::uint64_t conversation, std::string_view name, int weight) {
  const std::uint64_t mixed = base::Rng(conversation ^ base::stable_hash(name)).next();
  // The upper 52 bits as a number between 0 and 1; with one more, rounding could make it 1.
  const double draw = (static_cast<double>(mixed >> 12) + 0.5) * 0x1p-52;
  // The highest of -w/ln(u) falls on each name with probability w over the sum of all weights.
  return -std::max(weight, 1) / std::log(draw);
}

}  // namespace ccrelay::state
