#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ccrelay::state {

/// The reasoning in front of tool calls, for clients that send the calls back without it: by who
/// made it and the call's id, as tags (dialect/tags.hpp). Bounded in entries and in bytes: when
/// full, the one not used for longest goes, and one that alone is too large is not kept. Shared by
/// all workers, kept over a reload. Thread-safe; the lock is held for a look-up.
class Recalls {
 public:
  /// Of all entries, with some hundred bytes for each: reasoning takes from 1 KB to 100 KB.
  static constexpr std::size_t bytes_max = std::size_t{64} << 20;
  static constexpr std::size_t entry_bytes_max = std::size_t{1} << 20;

  explicit Recalls(std::size_t most = 10'000) : most_(most) {}

  /// At once; 0: nothing is remembered.
  void resize(std::size_t most);
  /// Whatever was known of the call.
  void remember(std::string_view issuer, std::string_view call_id, std::string tag);
  /// Empty: not known. Counts as a use.
  std::string find(std::string_view issuer, std::string_view call_id);
  std::size_t size() const;
  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::string tag;
    std::size_t bytes() const;
  };
  using Entries = std::list<Entry>;
  void drop(Entries::iterator entry);
  void drop_surplus();

  std::size_t most_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;
  Entries entries_;                                                 // the last used in front
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views of the entries' keys
};

}  // namespace ccrelay::state
