#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/signature_digest.hpp"

namespace ccrelay::state {

/// Who issued the signatures of thinking blocks that answers brought. Bounded: when full, the one
/// not used for longest goes; forgotten three hours after its last use. An entry takes about 130
/// bytes (64 in the list, 48 in the index, 8 to 16 of its table); issuers are few, and each is kept
/// once. Shared by all workers, kept over a reload. Thread-safe; the lock is held for a look-up.
class Signatures {
 public:
  explicit Signatures(std::size_t entries_max = 100'000,
                      Duration time_to_live = std::chrono::hours(3))
      : entries_max_(entries_max), time_to_live_(time_to_live) {}

  /// At once.
  void limit(std::size_t entries_max);
  /// It came from this issuer, whatever was known of it.
  void learn(const base::SignatureDigest& digest, std::string_view issuer, TimePoint now);
  /// Whether nothing is remembered that came from anybody else: then there is nothing to look for.
  /// No use of any of them.
  bool all_from(std::string_view issuer, TimePoint now);
  /// Its issuer. Counts as a use.
  std::optional<std::string> find(const base::SignatureDigest& digest, TimePoint now);
  std::size_t size() const;

 private:
  // Each issuer with the number of its entries.
  using Issuers = std::unordered_map<std::string, std::size_t>;
  struct Entry {
    base::SignatureDigest digest;
    Issuers::value_type* issuer;
    TimePoint used;
  };
  using Entries = std::list<Entry>;
  Issuers::value_type* enlist(std::string_view issuer);
  void release(Issuers::value_type* issuer);
  void drop_last();
  void drop_expired(TimePoint now);

  std::size_t entries_max_;
  const Duration time_to_live_;
  mutable std::mutex mutex_;
  Issuers issuers_;
  Entries entries_;  // the last used in front
  std::unordered_map<base::SignatureDigest, Entries::iterator, base::SignatureDigestHash>
      by_digest_;
};

}  // namespace ccrelay::state
