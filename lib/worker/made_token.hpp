#pragma once

#include <ccrelay/secret.hpp>

#include <atomic>
#include <string_view>

namespace ccrelay::worker {

/// The token that the management has made for itself, for those who must know one when they see it:
/// at the clients' port it opens nothing and goes nowhere. Written once, then read by any thread.
class MadeToken {
 public:
  /// By one thread at a time; the first stays.
  void set(const Secret& token) {
    if (is_there_.load(std::memory_order_relaxed)) return;
    token_ = token;
    is_there_.store(true, std::memory_order_release);
  }
  /// Empty where none was made.
  std::string_view reveal() const {
    return is_there_.load(std::memory_order_acquire) ? token_.reveal() : std::string_view();
  }

 private:
  std::atomic<bool> is_there_{false};
  Secret token_;
};

}  // namespace ccrelay::worker
