#include "state/pool_choice.hpp"

#include <algorithm>

#include "state/rendezvous.hpp"

namespace ccrelay::state {
namespace {

using Free = std::span<const FreeKey>;

std::uint64_t weight(const FreeKey& free) {
  return static_cast<std::uint64_t>(std::max(free.key->weight, 1));
}

// Requests in flight for each unit of weight first, then the share of its budgets, and of equals
// the one that has waited longest.
bool less_loaded(const FreeKey& a, const FreeKey& b) {
  const std::uint64_t of_a = static_cast<std::uint64_t>(a.in_flight) * weight(b);
  const std::uint64_t of_b = static_cast<std::uint64_t>(b.in_flight) * weight(a);
  if (of_a != of_b) return of_a < of_b;
  if (a.share_used != b.share_used) return a.share_used < b.share_used;
  return a.last_taken < b.last_taken;
}

std::size_t next_in_turn(Free free, std::size_t turn) {
  const auto next =
      std::find_if(free.begin(), free.end(), [&](const FreeKey& f) { return f.index >= turn; });
  return next == free.end() ? 0 : static_cast<std::size_t>(next - free.begin());
}

std::size_t drawn_by_weight(Free free, std::uint64_t random) {
  std::uint64_t sum = 0;
  for (const FreeKey& key : free) sum += weight(key);
  std::uint64_t draw = random % sum;
  std::size_t place = 0;
  for (; draw >= weight(free[place]); ++place) draw -= weight(free[place]);
  return place;
}

std::size_t by_conversation(Free free, std::uint64_t conversation) {
  std::size_t best = 0;
  double highest = 0;
  for (std::size_t i = 0; i < free.size(); ++i) {
    const PoolKey& key = *free[i].key;
    const double score = rendezvous_score(conversation, key.fingerprint, key.weight);
    if (score > highest) best = i, highest = score;
  }
  return best;
}

std::size_t by_strategy(const Ask& ask, Free free, std::size_t turn) {
  switch (ask.pool.strategy) {
    case PoolStrategy::round_robin:
      return next_in_turn(free, turn);
    case PoolStrategy::random:
      return ask.random % free.size();
    case PoolStrategy::weighted:
      return drawn_by_weight(free, ask.random);
    case PoolStrategy::least_loaded:
      break;
  }
  return static_cast<std::size_t>(std::min_element(free.begin(), free.end(), less_loaded) -
                                  free.begin());
}

}  // namespace

Pick pick_key(const Ask& ask, Free free, std::size_t turn) {
  for (std::size_t i = 0; i < free.size() && !ask.home.empty(); ++i) {
    if (free[i].key->fingerprint == ask.home) return {i, "home"};
  }
  if (ask.spread_by_conversation && ask.conversation) {
    return {by_conversation(free, *ask.conversation), "rendezvous"};
  }
  return {by_strategy(ask, free, turn), to_string(ask.pool.strategy)};
}

std::string_view to_string(PoolStrategy strategy) {
  switch (strategy) {
    case PoolStrategy::least_loaded:
      return "least_loaded";
    case PoolStrategy::round_robin:
      return "round_robin";
    case PoolStrategy::random:
      return "random";
    case PoolStrategy::weighted:
      return "weighted";
  }
  return "";
}

}  // namespace ccrelay::state
