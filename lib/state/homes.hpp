#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ccrelay::state {

/// Where a conversation lives: its prompt cache and its signatures are there.
struct Home {
  std::string provider;
  std::string key;               ///< fingerprint
  std::uint64_t body_bytes = 0;  ///< of its last request
  Duration silent{};             ///< since its last request, as find() says it
};

/// The homes of conversations, known by a hash of what identifies them. Bounded: when full, the one
/// not used for longest goes; forgotten three hours after its last use. An entry takes about 200
/// bytes. Shared by all workers, kept over a reload. Thread-safe; the lock is held for a look-up.
class Homes {
 public:
  explicit Homes(std::size_t entries_max = 10'000, Duration time_to_live = std::chrono::hours(3))
      : entries_max_(entries_max), time_to_live_(time_to_live) {}

  /// As of the next call.
  void limit(std::size_t entries_max);
  std::optional<Home> find(std::uint64_t conversation, TimePoint now);
  /// A good answer came from there: its home, unless it has one already.
  void settle(std::uint64_t conversation, std::string_view provider, std::string_view key,
              std::uint64_t body_bytes, TimePoint now);
  /// Its home from now on, whatever it was.
  void move(std::uint64_t conversation, std::string_view provider, std::string_view key,
            std::uint64_t body_bytes, TimePoint now);
  std::size_t size() const;
  /// How many live there. Looks at all: for people.
  std::size_t count(std::string_view provider, TimePoint now) const;

 private:
  struct Entry {
    std::uint64_t conversation;
    Home home;
    TimePoint used;
  };
  using Entries = std::list<Entry>;
  Entries::iterator living(std::uint64_t conversation, TimePoint now);
  void touch(Entries::iterator entry, TimePoint now);
  void settle_anew(std::uint64_t conversation, Home home, TimePoint now);
  void drop_surplus();

  std::size_t entries_max_;
  const Duration time_to_live_;
  mutable std::mutex mutex_;
  Entries entries_;  // the last used in front
  std::unordered_map<std::uint64_t, Entries::iterator> by_conversation_;
};

}  // namespace ccrelay::state
