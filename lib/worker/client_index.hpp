#pragma once

#include <ccrelay/config.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "state/client_limits.hpp"

namespace ccrelay::worker {

/// Which client has which key. A credential is looked up by its SHA-256: nothing that depends on a
/// secret's bytes is compared with what somebody sends. Immutable.
class ClientIndex {
 public:
  ClientIndex() = default;
  /// `clients` outlive it.
  explicit ClientIndex(const std::vector<ClientConfig>& clients);

  /// Whose key this is; null when nobody's.
  const ClientConfig* find(std::string_view credential) const;
  bool empty() const { return by_digest_.empty(); }

 private:
  std::unordered_map<std::string, const ClientConfig*> by_digest_;  // 32 bytes
};

/// Their limits, for state::ClientLimits.
std::vector<state::ClientQuota> quotas_of(const std::vector<ClientConfig>& clients);

}  // namespace ccrelay::worker
