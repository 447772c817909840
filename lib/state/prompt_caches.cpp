#include "state/prompt_caches.hpp"

#include <algorithm>
#include <chrono>

namespace ccrelay::state {
namespace {

// platform.claude.com, "Prompt caching": a use of what is cached refreshes it at no cost.
constexpr std::chrono::minutes short_life{5};
constexpr std::chrono::hours long_life{1};

}  // namespace

void CachedPrompt::note(std::uint64_t place, const CacheUse& use, TimePoint answered) {
  auto known = std::find_if(places_.begin(), places_.end(),
                            [&](const Place& one) { return one.total > 0 && one.where == place; });
  // What lives for an hour stands in front of what does not: it is what is read first.
  const std::uint64_t long_before =
      known == places_.end() ? 0 : std::min(known->for_an_hour, use.read);
  if (known == places_.end()) known = places_.end() - 1;
  *known = {place, use.read + use.written_5m + use.written_1h, long_before + use.written_1h,
            answered};
  std::rotate(places_.begin(), known, known + 1);
}

std::uint64_t CachedPrompt::warm(std::uint64_t place, TimePoint now) const {
  for (const Place& one : places_) {
    if (one.total == 0 || one.where != place) continue;
    const Duration age = now - one.answered;
    if (age < short_life) return one.total;
    return age < long_life ? one.for_an_hour : 0;
  }
  return 0;
}

void PromptCaches::limit(std::size_t entries_max) {
  const std::lock_guard lock(mutex_);
  entries_max_ = entries_max;
  drop_surplus();
}

void PromptCaches::note(std::uint64_t prompt, std::uint64_t place, const CacheUse& use,
                        TimePoint answered) {
  if (use.read + use.written_5m + use.written_1h == 0) return;
  const std::lock_guard lock(mutex_);
  const auto known = by_prompt_.find(prompt);
  if (known == by_prompt_.end()) {
    entries_.push_front({prompt, {}});
    by_prompt_[prompt] = entries_.begin();
  } else {
    entries_.splice(entries_.begin(), entries_, known->second);
  }
  entries_.front().cached.note(place, use, answered);
  drop_surplus();
}

std::optional<CachedPrompt> PromptCaches::find(std::uint64_t prompt) {
  const std::lock_guard lock(mutex_);
  const auto known = by_prompt_.find(prompt);
  if (known == by_prompt_.end()) return {};
  entries_.splice(entries_.begin(), entries_, known->second);
  return known->second->cached;
}

std::size_t PromptCaches::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void PromptCaches::drop_surplus() {
  while (entries_.size() > entries_max_) {
    by_prompt_.erase(entries_.back().prompt);
    entries_.pop_back();
  }
}

}  // namespace ccrelay::state
