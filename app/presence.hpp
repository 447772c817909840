#pragma once

#include <ccrelay/config.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "running_relays.hpp"

namespace ccrelay::app {

/// That a relay can be found, and can show who it is: what `serve` tells this user's other
/// commands.
class Presence {
 public:
  Presence();
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  /// For RelayOptions::proofs. Thread-safe, also while the other calls run.
  std::vector<std::string> proofs(std::string_view nonce) const;

  /// It listens now, and its management at `manage_addresses`. Where no file can be written it
  /// can't be found; that is no error. `config` is with what the command line said.
  void listens(const std::vector<std::string>& addresses,
               const std::vector<std::string>& manage_addresses, const Config& config);
  /// It asks its clients for other secrets now.
  void reloaded(const AuthConfig& auth);

 private:
  class Signing;
  std::unique_ptr<Signing> signing_;
  const std::string start_token_;
  const std::string users_file_;
  bool tells_token_ = false;  // in the announcement
  std::optional<Announcement> announcement_;
};

}  // namespace ccrelay::app
