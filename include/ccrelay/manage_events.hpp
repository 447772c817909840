#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/manage_types.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace ccrelay::manage {
class Subscriber;
}

namespace ccrelay::management {

/// Kinds of events of requests.
enum class RequestEventKind : std::uint8_t {
  unspecified,
  started,
  attempt_started,
  attempt_ended,
  first_byte,
  progress,
  ended,
};

/// Ran when the watch began; without attempts.
struct Existing {
  Request request;
};
/// All that ran has been told; from here on nothing is missing that is not counted in Lost.
struct Synced {
  std::int32_t existing = 0;
};
/// A request's head is complete. What is not known yet is empty.
struct Started {
  Request request;
};
struct AttemptStarted {
  std::string id;  ///< Request::id
  Attempt attempt;
};
struct AttemptEnded {
  std::string id;
  Attempt attempt;
};
/// The first byte goes to the client.
struct FirstByte {
  std::string id;
  std::string provider;
  std::int32_t status = 0;
  std::int64_t first_byte_us = 0;
};
/// How far a stream is. One that waits is replaced by the next of the same request, which takes its
/// place and number; that is no loss.
struct Progress {
  std::string id;
  RequestState state = RequestState::unspecified;
  std::uint64_t response_bytes = 0;
  TokenUsage usage;
  std::int64_t duration_us = 0;
};
/// Everything about a request but its attempts; exactly one for each that appeared.
struct Ended {
  Request request;
};
/// Events are missing here: found the queue full. Progress is never counted.
struct Lost {
  std::uint64_t events = 0;
  std::uint64_t ended = 0;    ///< of these
  std::uint64_t started = 0;  ///< of these
};

/// What happened to a request, or to the watch itself.
struct Event {
  /// Counts the events made for this watch, from 1, those it lost included; 0 for Existing, Synced
  /// and Lost.
  std::uint64_t sequence = 0;
  WallTime time{};
  std::variant<Existing, Synced, Started, AttemptStarted, AttemptEnded, FirstByte, Progress, Ended,
               Lost>
      what;
};

/// What to watch.
struct RequestWatch {
  /// Judged at each event; what fitted once fits for ever. A request may therefore first appear in
  /// a later event than its start, and whatever appeared has its end. `states` is not looked at.
  RequestFilter filter = {};
  bool include_existing = false;  ///< first tell of what runs already
  /// Progress at most so often for each request: 100 to 60000; 0 = none.
  std::int32_t progress_interval_ms = 0;
  /// Events held at most: 16 to 65536; 0 = 1024. Whatever this says, no more than about 1 MiB is.
  std::int32_t queue_events = 0;
  std::vector<RequestEventKind> kinds = {};  ///< empty = all
};

/// Someone who watches requests: a bounded queue in the relay. Whoever is too slow loses events, is
/// told how many at the place where they are missing, and slows nobody. Destroying it ends the
/// watch; it outlives the relay harmlessly. One thread at a time.
class [[gnu::visibility("default")]] Subscription {
 public:
  explicit Subscription(std::shared_ptr<manage::Subscriber> subscriber);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// Appends what has happened since, all of it or `most` events; how many that were. Never waits.
  /// What it leaves stays in the queue, within its bounds: whoever got `most` asks again before it
  /// waits for on_ready().
  std::size_t take(std::vector<Event> & into, std::size_t most = SIZE_MAX);
  /// Called when something is there again after take() has left nothing, and when the watch ends;
  /// on a worker's thread, which it must not keep: it posts, or writes to an eventfd. Null: nobody.
  void on_ready(std::function<void()> wake);
  /// Waits until something is there, or the watch has ended; false when the time is over.
  bool wait(std::chrono::milliseconds longest);
  /// The relay stops or has gone: when take() leaves nothing, nothing will come.
  bool is_over() const;

 private:
  const std::shared_ptr<manage::Subscriber> subscriber_;
};

}  // namespace ccrelay::management
