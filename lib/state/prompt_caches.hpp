#pragma once

#include <ccrelay/clock.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace ccrelay::state {

/// What an answer said of the provider's prompt cache, in tokens.
struct CacheUse {
  std::uint64_t read = 0;
  std::uint64_t written_5m = 0;
  std::uint64_t written_1h = 0;
};

/// Where a prompt has been put into caches, and how much of it.
class CachedPrompt {
 public:
  /// Providers that are told apart; another one takes the place of the one not heard of for
  /// longest.
  static constexpr std::size_t places_max = 4;

  /// An answer from there said so.
  void note(std::uint64_t place, const CacheUse& use, TimePoint answered);
  /// What the last answer, wherever it came from, had read and written.
  std::uint64_t tokens() const { return places_[0].total; }
  /// What is in the cache there now: each use of it makes it live for another five minutes, and
  /// what was written for an hour for another hour.
  std::uint64_t warm(std::uint64_t place, TimePoint now) const;

 private:
  struct Place {
    std::uint64_t where = 0;
    std::uint64_t total = 0;  // 0: none
    std::uint64_t for_an_hour = 0;
    TimePoint answered{};
  };
  std::array<Place, places_max> places_;  // the last answer's in front
};

/// The prompts that grow answer by answer, each known by a hash of whose it is. Bounded: when full,
/// the one not used for longest goes. An entry takes about 250 bytes. Shared by all workers, kept
/// over a reload. Thread-safe; the lock is held for a look-up.
class PromptCaches {
 public:
  explicit PromptCaches(std::size_t entries_max = 10'000) : entries_max_(entries_max) {}

  /// As of the next call.
  void limit(std::size_t entries_max);
  /// `place` is a hash of the provider and of the model there: each has a cache of its own. An
  /// answer that had nothing to do with a cache leaves what is known.
  void note(std::uint64_t prompt, std::uint64_t place, const CacheUse& use, TimePoint answered);
  std::optional<CachedPrompt> find(std::uint64_t prompt);
  std::size_t size() const;

 private:
  struct Entry {
    std::uint64_t prompt;
    CachedPrompt cached;
  };
  using Entries = std::list<Entry>;
  void drop_surplus();

  std::size_t entries_max_;
  mutable std::mutex mutex_;
  Entries entries_;  // the last used in front
  std::unordered_map<std::uint64_t, Entries::iterator> by_prompt_;
};

}  // namespace ccrelay::state
