#pragma once

#include <ccrelay/manage_status.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "manage/ticker.hpp"
#include "worker/seats.hpp"

namespace ccrelay::manage {

/// Behind a StatusSubscription: when the next look is due, and what is new in its history. The look
/// itself is taken when somebody takes it, so that it is never an old one. Thread-safe.
class StatusReader final : public Ticked {
 public:
  /// How it looks, with so many seconds of history.
  using Look = std::function<management::Status(int history_seconds)>;

  StatusReader(const management::StatusWatch& watch, Look look, std::shared_ptr<Ticker> ticker,
               worker::Seat seat);

  // By the ticker.
  Time due() const override;
  void ring() override;
  void close() override;

  // By the reader.
  bool take(management::Status& into);
  void on_ready(std::function<void()> wake);
  bool wait(std::chrono::milliseconds longest);
  bool is_over() const;
  /// Nobody reads any more.
  void end();

 private:
  const std::chrono::milliseconds interval_;
  const int history_seconds_;
  const std::shared_ptr<Ticker> ticker_;  // may outlive the relay
  const worker::Seat seat_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  Look look_;  // null when the relay has gone
  std::function<void()> wake_;
  Time next_;
  bool is_due_ = true;
  std::optional<WallTime> told_;  // the last second of the history
};

}  // namespace ccrelay::manage
