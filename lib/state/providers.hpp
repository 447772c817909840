#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "state/breaker.hpp"
#include "state/latency.hpp"
#include "state/operator_word.hpp"
#include "state/silence.hpp"

namespace ccrelay::state {

class Providers;

/// What came of the last requests to a provider, for people.
struct ProviderNews {
  bool failing = false;  ///< the last one failed
  std::string error;     ///< why the last one that failed did; empty when none has
  WallTime error_at{};
};

/// What is known of one provider. Belongs to Providers, whose lock guards it.
struct ProviderRecord {
  Breaker breaker;
  Breaker counting;  ///< of counting tokens, which may fail where answering goes well, and back
  Latency latency;
  Silence silence;
  unsigned in_flight = 0;
  ProviderNews news;
  OperatorWord word;
};

/// What is known of a provider at a moment.
struct ProviderView {
  Breaker::State state = Breaker::State::closed;
  bool admits = true;  ///< its breaker lets a request in now
  int failures = 0;    ///< in a row
  TimePoint half_open_at{};
  unsigned in_flight = 0;
  std::optional<Duration> first_byte;  ///< moving average; empty: not known
  bool asked_last = false;             ///< it was silent: others go first
  int silences = 0;                    ///< how often in a row it was set back for that
  TimePoint silent_until{};            ///< until when it is asked last in any case
  Admin admin = Admin::enabled;        ///< what an operator wants
  std::uint64_t opened = 0;            ///< how often its breaker has opened
};

/// What a request has heard of a provider.
enum class Heard : std::uint8_t {
  nothing_yet,  ///< it ended before anything could be said
  a_head,       ///< an answer's head came
  silence,      ///< none for as long as it may take
  others,       ///< none, when somebody who was asked later answered
};

/// A request's place at a provider. Settled once with what came of it; dropped before, it says
/// nothing of the provider. Belongs to the attempt; Providers outlives it.
class ProviderLease {
 public:
  ProviderLease() = default;
  ProviderLease(ProviderLease&& other) noexcept;
  ProviderLease& operator=(ProviderLease&& other) noexcept;
  ~ProviderLease();

  /// `first_byte` when it tells something of the provider's speed. Returns what the breaker made of
  /// it, if that changed its state.
  std::optional<Transition> settle(Breaker::Mark mark, std::optional<Duration> first_byte,
                                   TimePoint now, Heard heard = Heard::nothing_yet);
  /// An answer's head has come; its end may be far away.
  void hear();

 private:
  friend class Providers;
  Providers* owner_ = nullptr;  // null when empty, moved from or settled
  ProviderRecord* record_ = nullptr;
  Breaker* breaker_ = nullptr;  // the record's that has admitted it
  Breaker::Permit permit_;
  bool was_silent_ = false;  // counted among those that find out
};

/// What a provider is asked for, as far as its failures are counted apart.
enum class Work : std::uint8_t { answering, counting };

/// Why there is no place.
enum class Obstacle : std::uint8_t { none, breaker, in_flight, disabled };

struct Place {
  std::optional<ProviderLease> lease;
  Obstacle refusal = Obstacle::none;
  Breaker::State state = Breaker::State::closed;
  bool was_silent = false;  ///< whoever gets a head says so: ProviderLease::hear()
  explicit operator bool() const { return lease.has_value(); }
};

/// What is known of providers by name: breaker, speed and load. Shared by all workers and kept over
/// a reload. Thread-safe; the lock is held for a look-up.
class Providers {
 public:
  ProviderView view(std::string_view name, TimePoint now, Work work = Work::answering) const;
  /// A place at a provider. `in_flight_max` 0 = no limit; `force`: whatever its breaker says. An
  /// operator's word goes above it: there is none at one that is disabled.
  Place take(std::string_view name, const Breaker::Settings& settings, int in_flight_max,
             TimePoint now, bool force, Work work = Work::answering);
  std::optional<Transition> check_succeeded(std::string_view name, TimePoint now);

  /// A request to it has failed, for this reason; one has gone well.
  void note_failure(std::string_view name, std::string why, WallTime now);
  void note_success(std::string_view name);
  ProviderNews news(std::string_view name) const;

  /// What an operator says of it from now on; in force when this returns. False if it was in that
  /// state already; then only who, why and until when are others. What is disabled does not drain.
  bool order(std::string_view name, OperatorWord word, TimePoint now);
  OperatorWord word(std::string_view name) const;
  Admin admin(std::string_view name, TimePoint now) const;
  /// Closes its breakers and forgets failures in a row. False if there was nothing to do.
  bool reset_breaker(std::string_view name);

 private:
  friend class ProviderLease;  // ends under the lock
  ProviderRecord& record(std::string_view name);

  mutable std::mutex mutex_;
  std::map<std::string, ProviderRecord, std::less<>> records_;  // none is ever removed
};

}  // namespace ccrelay::state
