#pragma once

#include <curl/curl.h>
#include <uv.h>

#include <memory>
#include <unordered_map>

#include "loop/loop.hpp"

namespace ccrelay::upstream {

/// One multi handle of curl's on the loop: its timer, its sockets, and the easy handles that open a
/// connection in it. Where curl goes on speaking on a connection (TLS), the handle stays as long as
/// that lives. Owned by Dialers; loop's thread; destroyed only without handles.
class Dialer final : private loop::TurnTask {
 public:
  /// curl walks through all connections of a multi handle for each send and receive.
  static constexpr std::size_t handles_max = 32;
  /// Before 7.85 curl keeps the connection of a handle that is removed for as long as the multi
  /// handle lives (its issue 9335): there each has one handle in its life.
  static constexpr bool closes_what_is_removed = LIBCURL_VERSION_NUM >= 0x075500;

  explicit Dialer(loop::Loop& loop);
  ~Dialer() override;

  /// Both with curl not on the stack. When a handle has finished, the Dial that is its
  /// CURLOPT_PRIVATE is told, in a later turn or at the end of this one.
  CURLMcode add(CURL* easy);
  void remove(CURL* easy);

  std::size_t handles() const { return handles_; }
  bool has_room() const { return closes_what_is_removed ? handles_ < handles_max : !used_; }

 private:
  // libuv's half of the timer: freed by the close callback.
  struct TimerBlock {
    uv_timer_t timer;
    Dialer* owner;
  };

  // A socket of curl's, watched by a second descriptor: curl closes its own while it still counts
  // as watched, when a handle is removed that has not connected yet, and its number may be another
  // thread's before we hear of it.
  class Watched;

  void run_at_turn_end() override;
  void act(curl_socket_t socket, int events);
  void watch_socket(curl_socket_t socket, int what);
  void set_timer(long milliseconds);
  void stop_timer();
  void start_timer(std::uint64_t milliseconds);

  CURLM* multi_;
  TimerBlock* timer_;
  bool timer_running_ = false;
  bool due_ = false;      // curl asked to be called without delay
  bool in_turn_ = false;  // run_at_turn_end() is on the stack
  std::size_t handles_ = 0;
  bool used_ = false;  // had a handle
  std::unordered_map<curl_socket_t, std::unique_ptr<Watched>> watches_;
};

}  // namespace ccrelay::upstream
