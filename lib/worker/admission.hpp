#pragma once

#include <ccrelay/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

namespace ccrelay::worker {

/// What of the relay's own limits is taken by requests being relayed, over all workers: how many
/// there are, and the memory that their heads and bodies hold. Thread-safe.
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

  /// Bytes for the heads and bodies of all requests together.
  struct Room {
    std::uint64_t limit = 0;  ///< server.max_buffered_body_bytes; 0 = none
    std::uint64_t alone = 0;  ///< one body of so many always finds room
  };
  /// Whether a body of so many bytes finds room. None is kept for it: what is announced may never
  /// come.
  bool has_room(std::uint64_t bytes, const Room& room) {
    if (fits(held_, bytes, left_by_heads(room))) return true;
    ++bodies_refused_;
    return false;
  }
  /// Counts bytes of a body that have come, if there is room.
  bool hold(std::uint64_t bytes, const Room& room) {
    if (hold_if_room(bytes, room)) return true;
    ++bodies_refused_;
    return false;
  }
  /// The same of what the request can do without: then nobody is refused.
  bool hold_if_room(std::uint64_t bytes, const Room& room) {
    const std::uint64_t limit = left_by_heads(room);
    std::uint64_t held = held_;
    do {
      if (!fits(held, bytes, limit)) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes));
    return true;
  }
  void let_go(std::uint64_t bytes) { held_ -= bytes; }
  /// The same for a head, whose body may never end. A lone one always finds room.
  bool hold_head(std::uint64_t bytes, const Room& room) {
    const std::uint64_t before = held_ + (heads_ += bytes) - bytes;
    if (before == 0 || fits(before, bytes, room.limit)) return true;
    heads_ -= bytes;
    ++bodies_refused_;
    return false;
  }
  void let_head_go(std::uint64_t bytes) { heads_ -= bytes; }
  /// Of bodies alone.
  std::uint64_t held() const { return held_; }
  std::uint64_t heads_held() const { return heads_; }
  std::uint64_t bodies_refused() const { return bodies_refused_; }

 private:
  static bool fits(std::uint64_t held, std::uint64_t bytes, std::uint64_t limit) {
    return bytes == 0 || limit == 0 || held + bytes <= limit;
  }

  std::uint64_t left_by_heads(const Room& room) const {
    if (room.limit == 0) return 0;
    return std::max(room.alone, room.limit - std::min<std::uint64_t>(room.limit, heads_));
  }

  std::atomic<int> in_flight_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> held_{0};
  std::atomic<std::uint64_t> heads_{0};
  std::atomic<std::uint64_t> bodies_refused_{0};
};

/// What the configuration gives them.
Admission::Room body_bytes_room(const ServerConfig& config);
/// What a client is told that finds none.
std::string no_room_for_body(const Admission::Room& room);

}  // namespace ccrelay::worker
