#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "upstream/client.hpp"

namespace ccrelay::worker {

/// The connections to providers that wait to be used again, of all workers. Thread-safe; outlives
/// its members.
class IdleConnections {
 public:
  /// One worker's. Belongs to its tree, and goes before its client does.
  class Member {
   public:
    Member(IdleConnections& all, const upstream::Client& client) : all_(all), client_(client) {
      const std::lock_guard lock(all_.mutex_);
      all_.members_.push_back(this);
    }
    ~Member() {
      const std::lock_guard lock(all_.mutex_);
      std::erase(all_.members_, this);
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   private:
    friend class IdleConnections;
    IdleConnections& all_;
    const upstream::Client& client_;
  };

  std::int64_t count() const {
    const std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const Member* member : members_) sum += member->client_.idle_connections();
    return static_cast<std::int64_t>(sum);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Member*> members_;
};

}  // namespace ccrelay::worker
