#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace ccrelay::dialect {

/// The results that a request has for one id. A client may use an id again: each result answers one
/// call, in their order. `Result` has the number of its `message`.
template <class Result>
class CallResults {
 public:
  /// In the order of their messages.
  void add(Result result) { results_.push_back(std::move(result)); }

  /// The next one in this message or behind it; null: there is none. What stands before it answered
  /// an earlier call, so that it is passed for good, and all calls together take one walk. The
  /// messages that are asked for must not go back.
  const Result* next(std::size_t message) {
    while (next_ < results_.size() && results_[next_].message < message) ++next_;
    return next_ < results_.size() ? &results_[next_++] : nullptr;
  }

 private:
  std::vector<Result> results_;
  std::size_t next_ = 0;
};

}  // namespace ccrelay::dialect
