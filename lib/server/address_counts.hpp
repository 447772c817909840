#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

namespace ccrelay::server {

/// How many connections each client address has (server.max_connections_per_address). Costs nothing
/// while there is no limit. Thread-safe.
class AddressCounts {
 public:
  /// 0 = none. Before the first connection.
  void limit(int connections_max) { max_ = connections_max; }

  /// What a peer is counted by; empty when it is not: clients of a Unix socket have no address.
  std::string address_of(const std::string& peer) const {
    const auto colon = peer.rfind(':');
    return max_ == 0 || colon == std::string::npos ? std::string() : peer.substr(0, colon);
  }
  bool enter(const std::string& address) {
    if (address.empty()) return true;
    const std::lock_guard lock(mutex_);
    int& count = counts_[address];
    if (count >= max_) return false;
    ++count;
    return true;
  }
  void leave(const std::string& address) {
    if (address.empty()) return;
    const std::lock_guard lock(mutex_);
    const auto entry = counts_.find(address);
    if (entry != counts_.end() && --entry->second == 0) counts_.erase(entry);
  }

 private:
  int max_ = 0;
  std::mutex mutex_;
  std::unordered_map<std::string, int> counts_;
};

}  // namespace ccrelay::server
