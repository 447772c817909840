#pragma once

#include <ccrelay/result.hpp>

#include <optional>

#include "relay_contact.hpp"
#include "relay_users.hpp"

namespace ccrelay::app {

/// A running relay that this process uses, and is trusted. If none ran it was started for it: a
/// `cc-relay serve` with this process's environment, in a session of its own, so that Ctrl-C in the
/// terminal does not reach it, writing to a log file. Such a relay ends with its last user; the
/// destructor waits for it then.
class UsedRelay {
 public:
  /// Finds the relay that `asked` means, or starts it. One that was named (--url) is never started.
  static Result<UsedRelay> find_or_start(const AskedRelay& asked);
  ~UsedRelay();
  UsedRelay(UsedRelay&&) = default;
  UsedRelay& operator=(UsedRelay&&) = delete;

  const RelayContact& contact() const { return contact_; }

 private:
  UsedRelay(RelayContact contact, std::optional<RelayUse> use)
      : contact_(std::move(contact)), use_(std::move(use)) {}
  static Result<UsedRelay> start(const AskedRelay& asked, const RelayContact& contact);

  RelayContact contact_;
  std::optional<RelayUse> use_;
};

}  // namespace ccrelay::app
