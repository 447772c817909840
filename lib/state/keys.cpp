#include "state/keys.hpp"

#include <algorithm>

namespace ccrelay::state {
namespace {
// Models come from clients: a key remembers at most this many cool-downs at once.
constexpr std::size_t models_max = 256;
}  // namespace

Keys::Choice Keys::choose(const std::string& provider, const std::vector<std::string>& fingerprints,
                          const std::string& model, const std::vector<std::size_t>& tried,
                          TimePoint now) {
  const std::lock_guard lock(mutex_);
  Choice choice;
  const std::size_t count = fingerprints.size();
  std::size_t& turn = turn_[provider];
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = (turn + i) % count;
    const TimePoint free = free_at(fingerprints[index], model);
    if (free > now) {
      choice.soonest = std::min(choice.soonest.value_or(free), free);
      continue;
    }
    if (std::find(tried.begin(), tried.end(), index) != tried.end()) continue;
    turn = index + 1;
    return {index, {}};
  }
  return choice;
}

TimePoint Keys::free_at(const std::string& fingerprint, const std::string& model) const {
  const auto found = known_.find(fingerprint);
  if (found == known_.end()) return {};
  const auto cool = found->second.cool_until.find(model);
  const TimePoint cooled = cool == found->second.cool_until.end() ? TimePoint{} : cool->second;
  return std::max(found->second.refused_until, cooled);
}

void Keys::cool(const std::string& fingerprint, const std::string& model, TimePoint until) {
  const std::lock_guard lock(mutex_);
  auto& models = known_[fingerprint].cool_until;
  if (models.size() >= models_max && !models.contains(model)) {
    models.erase(std::min_element(models.begin(), models.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;
    }));
  }
  models[model] = until;
}

void Keys::refuse(const std::string& fingerprint, TimePoint until) {
  const std::lock_guard lock(mutex_);
  known_[fingerprint].refused_until = until;
}

bool Keys::refused(const std::string& fingerprint, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(fingerprint);
  return found != known_.end() && found->second.refused_until > now;
}

}  // namespace ccrelay::state
