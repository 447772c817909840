#pragma once

#include <ccrelay/manage_events.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "worker/seats.hpp"
#include "worker/watchers.hpp"

namespace ccrelay::manage {

/// The queue behind a Subscription: filters, bounds, counts what it drops. Shared by the watch and
/// the workers; thread-safe, and nothing in it blocks or grows without bound. Workers write, one
/// reader takes.
class Subscriber final : public worker::Watcher {
 public:
  static constexpr std::size_t bytes_max = 1 << 20;

  Subscriber(management::RequestWatch watch, std::shared_ptr<worker::Watchers> watchers,
             worker::Seat seat = {});

  // By workers.
  void take(const worker::Happening& happening) override;
  void close() override;
  /// What runs already; synced() comes behind the last.
  void existing(const management::Request& request, WallTime now);
  void synced(WallTime now);

  // By the reader.
  std::size_t take(std::vector<management::Event>& into, std::size_t most);
  void on_ready(std::function<void()> wake);
  bool wait(std::chrono::milliseconds longest);
  bool is_over() const;

  const management::RequestWatch& watch() const { return watch_; }
  /// Events dropped so far.
  std::uint64_t dropped() const;

  /// Nobody reads any more.
  void end();

 private:
  /// A whole request, which is shared with others who watch; its reader copies it.
  struct Whole {
    management::RequestEventKind kind;  // unspecified: it ran already
    std::shared_ptr<const management::Request> request;
  };
  using What = std::variant<Whole, management::AttemptStarted, management::AttemptEnded,
                            management::FirstByte, management::Progress, management::Synced,
                            management::Lost>;
  struct Waiting {
    std::uint64_t sequence;
    WallTime time;
    What what;
    std::size_t bytes = 0;
  };

  static management::Event told(Waiting waiting);
  void tell(const worker::Happening& happening);
  static What words_of(const worker::Happening& happening);
  bool appears(const worker::Happening& happening);
  bool wants(management::RequestEventKind kind) const;
  void tell_progress(const worker::Happening& happening);
  std::deque<Waiting>& waiting() { return is_synced_ ? queue_ : early_; }
  bool has_room(std::size_t bytes) const;
  bool push(WallTime time, What what);
  void drop(management::RequestEventKind kind);
  void set_full(bool full);
  void wake(bool was_empty);

  const std::shared_ptr<worker::Watchers> watchers_;  // may outlive the relay
  const worker::Seat seat_;
  management::RequestWatch watch_;
  const std::size_t events_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::function<void()> wake_;
  std::deque<Waiting> early_;  // what happens while what ran is still being told
  std::deque<Waiting> queue_;
  std::uint64_t taken_ = 0;  // from the queue, so far
  std::size_t bytes_ = 0;
  management::Lost lost_;  // since the last that was queued
  std::uint64_t sequence_ = 0;
  std::uint64_t dropped_ = 0;
  std::int32_t existing_ = 0;
  bool is_full_ = false;
  bool is_synced_ = false;
  bool is_over_ = false;
  const bool takes_all_;                     // there is no filter
  std::unordered_set<std::uint64_t> known_;  // requests that have appeared, where that matters
  // Of those that wait: the place in the queue, counted with what has been taken.
  std::unordered_map<std::uint64_t, std::uint64_t> progress_at_;
  std::unordered_map<std::uint64_t, WallTime> progress_told_;
};

}  // namespace ccrelay::manage
