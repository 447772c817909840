#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/manage_types.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace ccrelay::manage {
class StatusReader;
}

namespace ccrelay::management {

/// How often to look.
struct StatusWatch {
  std::int32_t interval_ms = 0;      ///< 100 to 60000; 0 means 1000
  std::int32_t history_seconds = 0;  ///< in the first; later ones bring what is new. 0 to 300
};

/// Someone who looks at the whole again and again. Whoever is slow gets the newest and never an old
/// one, so nothing is lost. Destroying it ends that; it outlives the relay harmlessly. One thread
/// at a time.
class [[gnu::visibility("default")]] StatusSubscription {
 public:
  explicit StatusSubscription(std::shared_ptr<manage::StatusReader> reader);
  ~StatusSubscription();
  StatusSubscription(const StatusSubscription&) = delete;
  StatusSubscription& operator=(const StatusSubscription&) = delete;

  /// The relay as it is now, when that is due: at once for the first, then an interval after the
  /// one before. Never waits.
  bool take(Status & into);
  /// Called when one is due after take() gave none, and when it is over; as
  /// Subscription::on_ready().
  void on_ready(std::function<void()> wake);
  /// Waits until one is due, or it is over; false when the time is over.
  bool wait(std::chrono::milliseconds longest);
  /// The relay stops or has gone: take() gives nothing any more.
  bool is_over() const;

 private:
  const std::shared_ptr<manage::StatusReader> reader_;
};

}  // namespace ccrelay::management
