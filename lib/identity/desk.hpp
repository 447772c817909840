#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "identity/fetch.hpp"
#include "identity/vault.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"

namespace ccrelay::identity {

/// Where a worker's waits for credentials and its fetches live: one per worker, above its upstream
/// client and below all who ask vaults. Loop's thread; outlives its tickets. Fetches that are under
/// way when it goes are taken over by a desk that waits for them.
class Desk {
 public:
  Desk(loop::Loop& loop, upstream::Client& client);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  const Clock& clock() const { return loop_.clock(); }
  /// Fetches that run here, and waits: for tests and figures.
  std::size_t fetches() const { return fetches_.size(); }
  std::size_t waits() const { return tickets_.size(); }

 private:
  friend class Vault;
  friend class Ticket;

  struct Running {
    std::shared_ptr<Vault> vault;  // has the chain
    std::unique_ptr<Fetch> fetch;
  };

  std::optional<Fetched> fetch(std::shared_ptr<Vault> vault);
  void on_fetched(Vault& vault, Fetched outcome);
  std::unique_ptr<Ticket> wait(std::shared_ptr<Vault> vault, std::uint64_t number, Waiter& waiter);
  void deliver(Vault& vault, std::uint64_t number, const Result<Held>& result);

  // From any thread, while the desk is in the vault's list and the vault is locked.
  void post_delivery(std::shared_ptr<Vault> vault, std::uint64_t number,
                     std::shared_ptr<const Result<Held>> result);
  void post_take_over(std::shared_ptr<Vault> vault);

  loop::Loop& loop_;
  upstream::Client& client_;
  std::list<Ticket*> tickets_;
  std::map<const Vault*, Running> fetches_;
  // What was posted may arrive when the desk is gone and the loop is not.
  std::shared_ptr<Desk*> alive_;
};

/// One wait of one waiter. Destroying it, at any moment on the desk's thread, ends the wait.
class Ticket {
 public:
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

 private:
  friend class Desk;
  Ticket(Desk& desk, std::shared_ptr<Vault> vault, std::uint64_t number, Waiter& waiter);

  Desk* desk_;  // null once the waiter is being told
  std::shared_ptr<Vault> vault_;
  std::uint64_t number_;
  Waiter& waiter_;
  std::list<Ticket*>::iterator place_;
};

}  // namespace ccrelay::identity
