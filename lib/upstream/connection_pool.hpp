#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/timer_queue.hpp"
#include "loop/loop.hpp"
#include "upstream/link.hpp"
#include "upstream/origin.hpp"

namespace ccrelay::upstream {

/// An origin and its idle connections, the latest used last: that is taken first, so that the
/// others can grow old.
struct OriginPool {
  OriginPool(const Destination& destination, base::TimerQueue& timers, std::function<void()> on_due)
      : origin(destination), timer(timers, std::move(on_due)) {}
  const Origin origin;
  std::vector<std::unique_ptr<Link>> idle;
  base::Timer timer;     // armed while there are some
  TimePoint looks_at{};  // when it is due

  void look_at(TimePoint time) {
    looks_at = time;
    timer.arm(time);
  }
};

/// The connections that no request uses. One that the other side closes, or sends something on,
/// goes at once. Owned by the client; loop's thread.
class ConnectionPool final : private ConnectionUser {
 public:
  /// Keeps so many for each origin.
  explicit ConnectionPool(loop::Loop& loop, std::size_t idle_max = 1024)
      : loop_(loop), idle_max_(idle_max) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// Stays as long as this: there is one for each destination that was ever configured.
  OriginPool& of(const Destination& destination);
  /// One that can be used, or null. `surely`: it is asked once more although the loop has looked at
  /// it in this turn.
  std::unique_ptr<Link> take(OriginPool& pool, bool surely = true);
  /// Keeps it for so long.
  void give(std::unique_ptr<Link> connection, Duration time);

  /// Any thread.
  std::size_t idle() const { return idle_.load(std::memory_order_relaxed); }

 private:
  void on_ready(Link& connection, int events) override;
  bool can_be_used(Link& connection, bool surely) const;
  void drop_expired(OriginPool& pool);
  void drop(std::unique_ptr<Link> connection);

  void count(const OriginPool& pool, std::size_t before);

  loop::Loop& loop_;
  const std::size_t idle_max_;
  std::atomic<std::size_t> idle_{0};  // written by the loop's thread alone
  std::string key_;                   // scratch
  std::unordered_map<std::string, std::unique_ptr<OriginPool>> pools_;
};

}  // namespace ccrelay::upstream
