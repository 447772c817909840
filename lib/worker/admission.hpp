#pragma once

#include <ccrelay/config.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace ccrelay::worker {

/// What of the relay's own limits is taken by requests being relayed, over all workers: how many
/// there are, and the memory that their bodies hold. Thread-safe.
class Admission {
 public:
  /// Counts a request, unless there are `limit` of them (server.max_concurrent; 0 = none).
  bool enter(int limit) {
    if (++in_flight_ <= limit || limit == 0) return true;
    --in_flight_;
    ++refused_;
    return false;
  }
  void leave() { --in_flight_; }
  int in_flight() const { return in_flight_; }
  std::uint64_t refused() const { return refused_; }

  /// Whether a body of so many bytes finds room (server.max_buffered_body_bytes; 0 = no limit).
  /// None is kept for it: what is announced may never come.
  bool has_room(std::uint64_t bytes, std::uint64_t limit) {
    if (fits(held_, bytes, limit)) return true;
    ++bodies_refused_;
    return false;
  }
  /// Counts bytes that have come, if there is room.
  bool hold(std::uint64_t bytes, std::uint64_t limit) {
    std::uint64_t held = held_;
    do {
      if (!fits(held, bytes, limit)) {
        ++bodies_refused_;
        return false;
      }
    } while (!held_.compare_exchange_weak(held, held + bytes));
    return true;
  }
  void let_go(std::uint64_t bytes) { held_ -= bytes; }
  std::uint64_t held() const { return held_; }
  std::uint64_t bodies_refused() const { return bodies_refused_; }

 private:
  static bool fits(std::uint64_t held, std::uint64_t bytes, std::uint64_t limit) {
    return bytes == 0 || limit == 0 || held + bytes <= limit;
  }

  std::atomic<int> in_flight_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> held_{0};
  std::atomic<std::uint64_t> bodies_refused_{0};
};

/// The limit for all bodies together; one alone always finds room. 0 = none.
std::uint64_t body_bytes_room(const ServerConfig& config);
/// What a client is told that finds none.
std::string no_room_for_body(std::uint64_t room);

}  // namespace ccrelay::worker
