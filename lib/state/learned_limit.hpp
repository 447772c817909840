#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <deque>
#include <optional>

#include "base/rate_limits.hpp"

namespace ccrelay::state {

/// What a provider's answers said of one of its own limits per minute. Anthropic documents a token
/// bucket that fills up continuously, so what remains is taken to grow by limit/60 a second up to
/// the limit, to be whole at the reset, and to shrink by what we charge. An answer says nothing of
/// the charges made after its request was sent: those are subtracted from its figure. Nothing is
/// given back because an answer came: only its own figure counts.
///
/// Requests are told apart by their sequence number, which grows with each reservation. A limit
/// that nothing was said of never stands in the way. A `now` before the newest one seen counts as
/// that one. A value type, not thread-safe.
class LearnedLimit {
 public:
  /// The answer to request `sequence` said this. Ignored if a younger request's answer was seen, or
  /// if it can't be told when what is missing comes back (neither limit nor reset).
  void learn(const base::LimitFigures& said, std::uint64_t sequence, TimePoint now);

  /// Request `sequence`, younger than all before it, is about to use this much.
  void charge(std::uint64_t sequence, std::uint64_t amount, TimePoint now);
  /// The charge of a request was too high or too low. Without effect when an answer to it or to a
  /// younger one was seen: the provider's own figure has it.
  void correct(std::uint64_t sequence, std::uint64_t to, TimePoint now);

  bool has_room(std::uint64_t amount, TimePoint now) { return free_at(amount, now) <= now; }
  /// The earliest time at which there is room for the amount if nothing more comes; `now` if there
  /// is. An amount above the limit passes when the budget is whole.
  TimePoint free_at(std::uint64_t amount, TimePoint now);

  std::optional<std::uint64_t> limit() const { return limit_; }
  /// An estimate; empty when nothing is known.
  std::optional<std::uint64_t> remaining(TimePoint now);
  /// When it is whole again, as the provider said; empty when it did not, or that is past.
  std::optional<TimePoint> reset(TimePoint now);

 private:
  struct Charge {
    std::uint64_t sequence;
    std::uint64_t amount;
  };
  void advance(TimePoint now);
  void forget_oldest();
  std::int64_t whole_but_charges() const;
  std::int64_t bounded(std::int64_t level) const;

  bool known_ = false;
  std::uint64_t seen_ = 0;  // the youngest request whose answer was learned from
  std::optional<std::uint64_t> limit_;
  std::optional<TimePoint> reset_;  // a whole number of milliseconds after at_
  std::int64_t level_ = 0;          // what remains, in parts; may be below zero
  TimePoint at_{};                  // when level_ was right

  // Charges younger than seen_. Those that found no place any more are a sum, to be dropped when
  // an answer to the youngest of them was seen.
  std::deque<Charge> charges_;
  std::uint64_t charged_ = 0;  // sum of charges_
  std::uint64_t forgotten_ = 0;
  std::uint64_t youngest_forgotten_ = 0;
};

}  // namespace ccrelay::state
