#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "identity/credentials.hpp"
#include "identity/fetch.hpp"

namespace ccrelay::identity {

class Desk;
class Ticket;

/// Told when credentials that were not there have come, or have failed to come. Called on the
/// desk's thread, never inside Vault::get(), with neither curl nor a lock held. It may do anything
/// but destroy the desk or turn the loop.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void on_credentials(const Result<Held>& result) = 0;
};

enum class VaultState : std::uint8_t {
  unasked,   ///< nobody has needed them yet
  fetching,  ///< the first fetch, or the first since they expired
  ready,     ///< there are valid ones, whatever the last refresh came to
  failed,    ///< there are none
};

/// What may be shown of a vault. Holds no secret.
struct VaultView {
  std::string source;  ///< where the last ones came from, or where it was tried
  VaultState state = VaultState::unasked;
  bool refreshing = false;               ///< a fetch is under way
  std::optional<WallTime> expiry;        ///< none: they last, or there are none
  std::optional<WallTime> last_refresh;  ///< the last fetch that worked
  std::string last_error;                ///< of the last fetch, if that failed
};

/// The credentials that one description leads to, for all workers. Kept until they expire, and
/// fetched anew ahead of that by whoever asks for them then, one fetch at a time over all workers;
/// the old ones are used meanwhile, also when the fetch fails. Thread-safe; owned by the snapshots
/// that use it, and by fetches and tickets as long as these last.
class Vault : public std::enable_shared_from_this<Vault> {
 public:
  /// A ticket stands for a wait: the waiter, which outlives it, is called once, unless the ticket
  /// is destroyed before.
  using Got = std::variant<Held, Error, std::unique_ptr<Ticket>>;

  Vault(Chain chain, Route route);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  /// Credentials that are valid now; an error, when a fetch has failed within retry_gap and there
  /// are none; or a ticket. On the desk's thread.
  Got get(Desk& desk, Waiter& waiter);

  /// A provider has refused a request that went out with these (401, 403). If they are still the
  /// ones in use they are dropped, so that the next get() fetches others. Not more often than once
  /// in retry_gap: a provider that refuses whatever it is sent shall not make a credential service
  /// suffer for it. Says whether they are gone: whether trying again can help.
  bool invalidate(const Held& used, const Clock& clock);

  VaultView view(const Clock& clock) const;

 private:
  friend class Desk;
  friend class Ticket;

  // Called by a desk, on its thread.
  void finish(Desk& desk, Fetched outcome);
  void abandon(Desk& desk);
  void take_over(Desk& desk);

  // Called by a ticket's end.
  void forget(Desk& desk, std::uint64_t number);

  bool usable(WallTime now) const;
  bool resting(TimePoint now) const;
  void fetch(Desk& desk);
  void take(Fetched outcome, const Clock& clock);

  const Chain chain_;
  const Route route_;

  mutable std::mutex mutex_;  // of all below; never held across I/O or a waiter
  Held current_;
  WallTime refresh_from_{};
  std::string source_;
  std::optional<Error> error_;  // of the last fetch
  TimePoint failed_at_{};
  std::optional<TimePoint> invalidated_at_;
  std::optional<WallTime> last_refresh_;
  Desk* fetching_ = nullptr;
  std::uint64_t number_ = 0;              // of fetches that came to an end
  std::map<Desk*, std::size_t> waiting_;  // tickets for the next end, by desk
};

}  // namespace ccrelay::identity
