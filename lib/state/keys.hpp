#pragma once

#include <ccrelay/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/key_lease.hpp"
#include "state/key_record.hpp"
#include "state/operator_word.hpp"
#include "state/pool.hpp"

namespace ccrelay::state {

/// What stands between a request and the keys of a pool, when none is free.
struct Outlook {
  /// The soonest true moment at which one will be free, over rests, windows and learned limits.
  /// Refused keys promise nothing.
  std::optional<TimePoint> soonest;
  bool busy = false;        ///< one only waits for requests that are on their way
  bool refused = false;     ///< the provider has turned away every key, and no time mends that
  ToldPtr told;             ///< what it said: of the key that is free soonest, else of any
  bool of_account = false;  ///< that was of a key's account
  bool disabled = false;    ///< an operator has disabled every key
};

struct Choice {
  std::optional<std::size_t> index;  ///< into the pool; empty when no key is free
  KeyLease lease;                    ///< holds what the request has reserved of the key
  Outlook outlook;                   ///< when no key is free
  std::string_view why;              ///< a fixed word for the trace: as of Pick, or "none_free"
};

/// What is known of keys, whichever provider entry they stand in: which are set aside and until
/// when, what they have used and may use. A key is known by its secret's fingerprint and the
/// provider's address (PoolKey::id), so one secret in two places has one budget, and a word such as
/// "EMPTY" at two local providers has two. Shared by all workers and kept over a reload; records of
/// keys that left the configuration stay, in case they come back. Thread-safe; the lock is held for
/// a look-up and never across I/O or a callback. Outlives its leases.
class Keys {
 public:
  /// Takes over the limits of a configuration; what was used stays counted. Of a key that stands in
  /// several places the smaller limit that is not zero holds.
  void configure(const std::vector<const Pool*>& pools);

  /// A key that may be used for a request now, with all that the request needs reserved. A key that
  /// no configuration has named gets the limits it has in this pool.
  Choice choose(const Ask& ask, TimePoint now);
  /// What a request that found no key waits for; charges nothing.
  Outlook outlook(const Ask& ask, TimePoint now);
  /// Whether a smallest request would find a key; charges nothing.
  bool any_free(const Pool& pool, std::string_view model, TimePoint now);

  /// Sets a key aside for this model, whoever found that out: a lease does so by itself. A later
  /// end extends the rest, an earlier one doesn't cut it.
  void cool(std::string_view id, std::string_view model, TimePoint until);
  /// The same for all models.
  void refuse(std::string_view id, TimePoint until);
  bool refused(std::string_view id, TimePoint now) const;
  /// Ends what only a person can mend: refusals, lack of access, exhausted accounts. Limits and
  /// what was used stay. Of one key, by its id.
  void forgive(std::string_view id);
  /// Of all: after a reload, which may well be that person's.
  void forgive();

  /// What an operator says of the secret with this fingerprint, wherever it is used; enabled or
  /// disabled. As Providers::order().
  bool order(std::string_view fingerprint, OperatorWord word, TimePoint now);
  OperatorWord word(std::string_view fingerprint) const;
  /// As KeyRecord::reset(), of the record with this id.
  bool reset(std::string_view id, bool budgets, TimePoint now);

  /// In the pool's order.
  std::vector<KeyReport> report(const Pool& pool, TimePoint now);

 private:
  friend class KeyLease;  // ends under the lock

  Outlook outlook_of(const Ask& ask, TimePoint now);
  KeyRecord& record(std::string_view id);
  KeyRecord& record(const PoolKey& key);
  bool is_disabled(std::string_view fingerprint, TimePoint now) const;

  mutable std::mutex mutex_;
  std::uint64_t sequence_ = 0;
  std::map<std::string, KeyRecord, std::less<>> records_;   // by PoolKey::id
  std::map<std::string, std::size_t, std::less<>> turn_;    // by provider
  std::map<std::string, OperatorWord, std::less<>> words_;  // by fingerprint
};

}  // namespace ccrelay::state
