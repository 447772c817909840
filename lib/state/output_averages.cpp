#include "state/output_averages.hpp"

#include <algorithm>

#include "base/stable_hash.hpp"

namespace ccrelay::state {
namespace {

// No answer is that long: a figure beyond it is a mistake that would spoil the average for good.
constexpr std::uint64_t tokens_max = 10'000'000;

}  // namespace

void OutputAverages::note(std::string_view model, std::uint64_t tokens) {
  const std::uint64_t key = base::stable_hash(model);
  const std::uint64_t latest = std::min(tokens, tokens_max) * 1000;
  const std::lock_guard lock(mutex_);
  if (!by_model_.contains(key)) make_room();
  if (models_max_ == 0) return;
  Average& average = by_model_[key];
  average.thousandths = (average.thousandths * 9 + latest) / 10;
  average.used = ++uses_;
}

std::uint64_t OutputAverages::of(std::string_view model) const {
  const std::uint64_t key = base::stable_hash(model);
  const std::lock_guard lock(mutex_);
  const auto found = by_model_.find(key);
  return found == by_model_.end() ? unknown_tokens : (found->second.thousandths + 500) / 1000;
}

std::size_t OutputAverages::size() const {
  const std::lock_guard lock(mutex_);
  return by_model_.size();
}

// For one that is new. That is rare: walking through all of them costs less than keeping an order.
void OutputAverages::make_room() {
  if (by_model_.size() < models_max_ || by_model_.empty()) return;
  by_model_.erase(
      std::min_element(by_model_.begin(), by_model_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
}

}  // namespace ccrelay::state
