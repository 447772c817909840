#pragma once

#include <ccrelay/manage_types.hpp>
#include <ccrelay/observer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/endpoints.hpp"
#include "worker/percentiles.hpp"

namespace ccrelay::worker {

/// What is counted under the name of a provider, a key or a client.
struct NameTally {
  management::Totals totals;
  std::array<std::uint64_t, worker::outcomes> outcomes{};  // of attempts
  std::optional<management::LastError> last_error;
  std::optional<WallTime> last;  // it asked, or was used
  std::int64_t in_flight = 0;    // of a client
  LatelyFailed lately;

  void add(const NameTally& more);
};
using NameTallies = std::map<std::string, NameTally, std::less<>>;

/// A second of the past.
struct SecondTally {
  std::int64_t second = INT64_MIN;  // of the monotonic clock
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::int64_t in_flight_max = 0;
};

/// What management tells of all requests together: plain numbers. A value; see Tally.
struct Tallied {
  static constexpr std::size_t seconds_kept = 301;  // those of five minutes and the running one
  static constexpr std::size_t names_max = 4096;    // of each kind; what is beyond is not counted

  management::Totals totals;
  std::int64_t in_flight = 0;
  std::int64_t streaming = 0;
  NameTallies providers, keys, clients;
  std::array<SecondTally, seconds_kept> seconds{};  // by second modulo
  Percentiles first_byte, total;

  SecondTally& at(TimePoint now);
  void add(const Tallied& more);
};

/// What one worker counts for the management. It alone writes, under a lock that only a reader ever
/// contends for; a request that has ended takes it once. An idle relay does nothing: seconds are
/// cut when something is counted.
class Tally {
 public:
  void begun(std::string_view client, TimePoint now, WallTime wall);
  /// The answer goes to the client.
  void passing();
  /// `passed`: passing() was said of it.
  void ended(const RequestSummary& summary, std::uint64_t number, bool passed, TimePoint now);

  void add_to(Tallied& sum) const {
    const std::lock_guard lock(mutex_);
    sum.add(counts_);
  }

 private:
  // Whom an attempt asked; null where it is not counted.
  struct Asked {
    NameTally* provider = nullptr;
    NameTally* key = nullptr;
  };
  Asked attempt_ended(const AttemptSummary& attempt, const management::Totals& of_attempt,
                      std::uint64_t number, TimePoint now);
  static NameTally* at(NameTallies& names, std::string_view name);

  mutable std::mutex mutex_;
  Tallied counts_;
};

/// Those of all workers. Thread-safe; outlives its members.
class Tallies {
 public:
  /// One worker's. Belongs to its tree.
  class Member {
   public:
    explicit Member(Tallies& tallies);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    Tally& tally() { return tally_; }

   private:
    friend class Tallies;
    Tallies& tallies_;
    Tally tally_;
  };

  void add_to(Tallied& sum) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Member*> members_;
};

}  // namespace ccrelay::worker
