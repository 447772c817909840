#pragma once

#include <ccrelay/manage_types.hpp>
#include <ccrelay/observer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/told_request.hpp"

namespace ccrelay::worker {

/// The requests that ended lately, about a kilobyte each. Of all workers; thread-safe: a request's
/// account changes its owner, and the lock is held for no longer, but while somebody looks.
class Recent {
 public:
  /// Remembers so many from now on, and of those there are the newest. 200 until this is said.
  void limit(std::size_t requests) {
    std::vector<Ended> next(requests);
    const std::lock_guard lock(mutex_);
    if (requests == ended_.size()) return;
    const std::size_t kept = std::min(requests, ended_.size());
    for (std::size_t i = 0; i < kept; ++i) next[kept - 1 - i] = std::move(nth_last(i + 1));
    next_ = requests > 0 ? kept % requests : 0;
    ended_.swap(next);
  }

  /// Calls `at_once(summary)` in the same step, under the lock: see all().
  template <class AtOnce>
  void add(std::uint64_t number, std::unique_ptr<RequestSummary> summary, AtOnce at_once) {
    Ended one{number, std::move(summary)};
    {
      const std::lock_guard lock(mutex_);
      at_once(std::as_const(*one.summary));
      if (ended_.empty()) return;
      std::swap(ended_[next_], one);
      next_ = (next_ + 1) % ended_.size();
    }
    // What it takes the place of goes here, behind the lock.
  }
  /// The newest first, and `at_once()` in the same step. A request is among these when its add()
  /// was before, and else that one calls its own `at_once` behind this: whoever begins to be told
  /// of requests here misses none and gets none twice.
  template <class AtOnce>
  std::vector<management::Request> all(AtOnce at_once) const {
    const std::lock_guard lock(mutex_);
    at_once();
    std::vector<management::Request> out;
    for (std::size_t i = 1; i <= ended_.size(); ++i) {
      if (const Ended& one = nth_last(i); one.summary) out.push_back(told_of(one));
    }
    return out;
  }
  std::vector<management::Request> all() const {
    return all([] {});
  }
  /// By its own id; else the newest that the client called so, where that is asked for too.
  std::optional<management::Request> find(std::string_view id, bool by_request_id) const {
    const std::lock_guard lock(mutex_);
    for (const Ended& one : ended_) {
      if (one.summary && request_id_text(one.number) == id) return told_of(one);
    }
    for (std::size_t i = 1; by_request_id && i <= ended_.size(); ++i) {
      const Ended& one = nth_last(i);
      if (one.summary && one.summary->request_id == id) return told_of(one);
    }
    return {};
  }

 private:
  struct Ended {
    std::uint64_t number = 0;
    std::unique_ptr<RequestSummary> summary;  // null: nothing has been there yet
  };
  // 1: the newest.
  const Ended& nth_last(std::size_t n) const {
    return ended_[(next_ + ended_.size() - n) % ended_.size()];
  }
  Ended& nth_last(std::size_t n) { return ended_[(next_ + ended_.size() - n) % ended_.size()]; }
  static management::Request told_of(const Ended& one) {
    return told(*one.summary, request_id_text(one.number));
  }

  mutable std::mutex mutex_;
  std::vector<Ended> ended_ = std::vector<Ended>(200);  // a ring
  std::size_t next_ = 0;                                // where the next one comes
};

}  // namespace ccrelay::worker
