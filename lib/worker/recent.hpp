#pragma once

#include <ccrelay/manage_types.hpp>
#include <ccrelay/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/told_request.hpp"

namespace ccrelay::worker {

/// The requests that ended lately, about a kilobyte each. Of all workers; thread-safe: a request is
/// moved in, and the lock is held for no longer, but while somebody looks.
class Recent {
 public:
  static constexpr std::size_t requests_max = 200;

  void add(std::uint64_t number, RequestSummary&& summary) {
    // What goes is destroyed behind the lock.
    std::optional<Ended> oldest;
    const std::lock_guard lock(mutex_);
    if (ended_.size() == requests_max) {
      oldest.emplace(std::move(ended_.front()));
      ended_.pop_front();
    }
    ended_.push_back({number, std::move(summary)});
  }
  /// The newest first.
  std::vector<management::Request> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<management::Request> out;
    for (auto each = ended_.rbegin(); each != ended_.rend(); ++each) out.push_back(told_of(*each));
    return out;
  }
  /// By its own id; else the newest that the client called so, where that is asked for too.
  std::optional<management::Request> find(std::string_view id, bool by_request_id) const {
    const std::lock_guard lock(mutex_);
    for (const Ended& one : ended_) {
      if (request_id_text(one.number) == id) return told_of(one);
    }
    for (auto each = ended_.rbegin(); by_request_id && each != ended_.rend(); ++each) {
      if (each->summary.request_id == id) return told_of(*each);
    }
    return {};
  }

 private:
  struct Ended {
    std::uint64_t number;
    RequestSummary summary;
  };
  static management::Request told_of(const Ended& one) {
    return told(one.summary, request_id_text(one.number));
  }

  mutable std::mutex mutex_;
  std::deque<Ended> ended_;  // the oldest first
};

}  // namespace ccrelay::worker
