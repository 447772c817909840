#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <string_view>

#include "state/key_record.hpp"

namespace ccrelay::state {

class Keys;

/// A request's hold on a key: its place in flight and what it reserved of the key's budgets. Ended
/// once, with what came of it; dropped before, it counts as cancelled with nothing seen: its tokens
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

  /// The answer, whose head has come, said this of the key's limits; the request has not ended. Not
  /// for count_tokens, whose limits are others.
  void learn(const base::RateLimits& said, TimePoint now);

  /// The request has ended, whole or not, with a good answer, which said this of usage: the
  /// provider accepts the key. Input is counted in
  /// the second in which it was reserved; so is output, unless that second is more than a minute
  /// ago: then it is counted now. Where nothing was said, the estimate stands.
  void settle(const Tokens& used, TimePoint now);
  /// The provider didn't do the work: 429, 5xx, transport failure. Tokens go back; the request
  /// stays counted unless it was surely never sent.
  void reject(TimePoint now, bool unsent = false);
  /// As rejected, by a limit of the key for this model (429). A later end extends the rest, an
  /// earlier one doesn't cut it.
  void cool(std::string_view model, TimePoint until, TimePoint now, ToldPtr told = {});
  /// As rejected, and the key may not use this model.
  void bar(std::string_view model, TimePoint until, TimePoint now, ToldPtr told);
  /// As rejected, and the provider does not accept the key (401, 403); the later end holds.
  void refuse(TimePoint until, TimePoint now, ToldPtr told = {});
  /// As rejected, and the key's account can pay for nothing.
  void exhaust(TimePoint until, TimePoint now, ToldPtr told);

 private:
  friend class Keys;
  // Ends the hold: calls `how` under the lock, unless it has ended.
  template <class How>
  void end(How how);
  KeyLease(Keys& keys, KeyRecord& record, const Reservation& reservation)
      : keys_(&keys), record_(&record), reservation_(reservation) {}

  Keys* keys_ = nullptr;
  KeyRecord* record_ = nullptr;  // Keys never drops one
  Reservation reservation_;
};

}  // namespace ccrelay::state
