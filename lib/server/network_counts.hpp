#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "server/client_network.hpp"

namespace ccrelay::server {

/// How many connections each client network has (server.max_connections_per_address). Costs nothing
/// while there is no limit. Thread-safe.
class NetworkCounts {
 public:
  /// 0 = none. Before the first connection.
  void limit(int connections_max) { max_ = connections_max; }

  /// What a peer is counted by; empty when it is not.
  std::string network_of(const std::string& peer) const {
    return max_ == 0 ? std::string() : client_network(peer);
  }
  bool enter(const std::string& network) {
    if (network.empty()) return true;
    const std::lock_guard lock(mutex_);
    int& count = counts_[network];
    if (count >= max_) return false;
    ++count;
    return true;
  }
  void leave(const std::string& network) {
    if (network.empty()) return;
    const std::lock_guard lock(mutex_);
    const auto entry = counts_.find(network);
    if (entry != counts_.end() && --entry->second == 0) counts_.erase(entry);
  }

 private:
  int max_ = 0;
  std::mutex mutex_;
  std::unordered_map<std::string, int> counts_;
};

}  // namespace ccrelay::server
