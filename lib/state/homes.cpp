#include "state/homes.hpp"

#include <utility>

namespace ccrelay::state {

void Homes::limit(std::size_t entries_max) {
  const std::lock_guard lock(mutex_);
  entries_max_ = entries_max;
  drop_surplus();
}

std::optional<Home> Homes::find(std::uint64_t conversation, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto entry = living(conversation, now);
  if (entry == entries_.end()) return {};
  Home home = entry->home;
  home.silent = now - entry->used;
  touch(entry, now);
  return home;
}

void Homes::settle(std::uint64_t conversation, std::string_view provider, std::string_view key,
                   std::uint64_t body_bytes, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto entry = living(conversation, now);
  if (entry == entries_.end()) {
    settle_anew(conversation, {std::string(provider), std::string(key), body_bytes, {}}, now);
  } else if (entry->home.provider == provider && entry->home.key == key) {
    // What its home has cached is what it saw last there.
    entry->home.body_bytes = body_bytes;
    touch(entry, now);
  }
}

void Homes::move(std::uint64_t conversation, std::string_view provider, std::string_view key,
                 std::uint64_t body_bytes, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto known = by_conversation_.find(conversation);
  if (known != by_conversation_.end()) {
    entries_.erase(known->second);
    by_conversation_.erase(known);
  }
  settle_anew(conversation, {std::string(provider), std::string(key), body_bytes, {}}, now);
}

std::size_t Homes::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t Homes::count(std::string_view provider, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Entry& entry : entries_) {
    if (now - entry.used < time_to_live_ && entry.home.provider == provider) ++count;
  }
  return count;
}

Homes::Entries::iterator Homes::living(std::uint64_t conversation, TimePoint now) {
  const auto known = by_conversation_.find(conversation);
  if (known == by_conversation_.end()) return entries_.end();
  if (now - known->second->used < time_to_live_) return known->second;
  entries_.erase(known->second);
  by_conversation_.erase(known);
  return entries_.end();
}

void Homes::touch(Entries::iterator entry, TimePoint now) {
  entry->used = now;
  entries_.splice(entries_.begin(), entries_, entry);
}

void Homes::settle_anew(std::uint64_t conversation, Home home, TimePoint now) {
  entries_.push_front({conversation, std::move(home), now});
  by_conversation_[conversation] = entries_.begin();
  drop_surplus();
}

void Homes::drop_surplus() {
  while (entries_.size() > entries_max_) {
    by_conversation_.erase(entries_.back().conversation);
    entries_.pop_back();
  }
}

}  // namespace ccrelay::state
