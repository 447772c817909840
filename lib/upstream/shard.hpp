#pragma once

#include <curl/curl.h>
#include <uv.h>

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/timer_queue.hpp"
#include "loop/loop.hpp"
#include "upstream/socket_watch.hpp"

namespace ccrelay::upstream {

class Easy;
class Shard;
struct Origin;

/// What a shard needs of the client that owns it. Each call into curl that may run callbacks of
/// transfers lies between enter_curl() and left_curl(); it never happens inside another one.
class ShardHost {
 public:
  virtual ~ShardHost() = default;
  virtual void enter_curl() = 0;
  /// Removes what was cut or is finished, and may so call sinks; destroys no shard.
  virtual void left_curl(Shard& shard) = 0;
  /// The shard's connections to this origin became more, fewer, busy or idle.
  virtual void connections_changed(Shard& shard, Origin& origin) = 0;
};

/// One multi handle of curl's on the loop: its timer, its sockets, and the transfers that run in
/// it, never more than a few dozen because curl walks through all connections of a handle at each
/// start and end. Owned by ShardChoice; loop's thread; destroyed only without transfers, and with
/// curl not on the stack.
class Shard final : private loop::TurnTask {
 public:
  static constexpr std::size_t transfers_max = 24;

  Shard(loop::Loop& loop, ShardHost& host);
  ~Shard() override;

  /// The three that change what curl holds; from the end of a turn, or at least outside of curl.
  /// Returns the transfer when curl refuses it, else null.
  std::unique_ptr<Easy> add(std::unique_ptr<Easy> easy, Origin& origin);
  std::unique_ptr<Easy> remove(Easy& easy);
  /// Lets a paused transfer go on; may deliver before it returns.
  void resume(Easy& easy);

  struct Finished {
    Easy* easy;
    CURLcode code;
  };
  /// A transfer that has ended and is not removed yet.
  std::optional<Finished> next_finished();

  std::size_t running() const { return running_.size(); }
  bool has_room() const { return running_.size() < transfers_max; }
  /// Connections to this origin that nobody uses: an estimate, good enough to choose a shard by.
  int idle(const Origin& origin) const;
  /// Whether a connection is open that the other side has not closed.
  bool connected() const { return connections_ > 0; }

  /// For Easy: a socket for a new connection to its origin, or CURL_SOCKET_BAD with errno.
  curl_socket_t open_socket(Origin& origin, const curl_sockaddr& address);
  /// For SocketWatch.
  void on_socket(curl_socket_t socket, int events);
  void on_idle_event(const SocketWatch& watch);
  /// For Easy: CURLOPT_CLOSESOCKETFUNCTION, whose data is the shard.
  static int close_socket(void* shard, curl_socket_t socket) noexcept;

 private:
  friend class ShardChoice;
  // libuv's half of the timer: freed by the close callback.
  struct TimerBlock {
    uv_timer_t timer;
    Shard* owner;
  };
  struct Socket {
    Origin* origin =
        nullptr;           // null: not a connection but a helper of curl's, such as its resolver
    bool counted = false;  // in connections of that origin
    std::unique_ptr<SocketWatch> watch;
  };
  // What this shard has to do with one origin.
  struct Share {
    Origin* origin;
    int connections = 0;
    int running = 0;
    bool listed = false;  // in origin->with_idle; ShardChoice's
  };

  void run_at_turn_end() override;
  void act(curl_socket_t socket, int events);
  void watch_socket(curl_socket_t socket, int what);
  void set_timer(long milliseconds);
  void stop_timer();
  void start_timer(std::uint64_t milliseconds);
  static void hang_up(curl_socket_t socket);
  void forget_socket(curl_socket_t socket);
  void count(Socket& socket, bool open);
  Share& share(Origin& origin);

  ShardHost& host_;
  CURLM* multi_;
  TimerBlock* timer_;
  bool timer_running_ = false;
  bool due_ = false;      // curl asked to be called without delay
  bool in_turn_ = false;  // run_at_turn_end() is on the stack
  int connections_ = 0;
  std::unordered_map<curl_socket_t, Socket> sockets_;
  std::vector<std::unique_ptr<Easy>> running_;  // Easy::place is the index
  std::vector<Finished> failed_;                // ended by curl_easy_pause()
  std::vector<Share> shares_;                   // a handful: searched one by one

  // ShardChoice's notes.
  std::size_t place_ = 0;
  std::optional<std::size_t> room_place_;
  int idle_seconds_ = 0;
  std::optional<base::Timer> unused_;
};

}  // namespace ccrelay::upstream
