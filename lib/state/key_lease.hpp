#pragma once

#include <ccrelay/observer.hpp>

#include <cstdint>

#include "state/key_record.hpp"

namespace ccrelay::state {

class Keys;

/// A request's hold on a key: its place in flight and what it reserved of the key's budgets. Ended
/// once, by settle or reject; dropped before, it counts as cancelled with nothing seen: its tokens
/// go back, the request stays counted. Belongs to the attempt that uses the key; Keys outlives it.
/// May be ended on any thread; not itself thread-safe. Empty by default, when moved from and when
/// ended: all calls do nothing then.
class KeyLease {
 public:
  KeyLease() = default;
  KeyLease(KeyLease&& other) noexcept;
  KeyLease& operator=(KeyLease&& other) noexcept;
  ~KeyLease();

  explicit operator bool() const { return keys_ != nullptr; }

  /// The request has ended, whole or not, and its answer said this of usage. Input is counted in
  /// the second in which it was reserved; so is output, unless that second is more than a minute
  /// ago: then it is counted now. When all figures are zero nothing was said: the estimate stands.
  void settle(const Usage& usage, TimePoint now);
  /// The provider didn't do the work: 429, 5xx, transport failure. Tokens go back; the request
  /// stays counted unless it was surely never sent.
  void reject(TimePoint now, bool unsent = false);

 private:
  friend class Keys;
  KeyLease(Keys& keys, KeyRecord& record, const Reservation& reservation)
      : keys_(&keys), record_(&record), reservation_(reservation) {}

  Keys* keys_ = nullptr;
  KeyRecord* record_ = nullptr;  // Keys never drops one
  Reservation reservation_;
};

}  // namespace ccrelay::state
