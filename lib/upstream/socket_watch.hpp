#pragma once

#include <curl/curl.h>
#include <uv.h>

namespace ccrelay::upstream {

class Shard;

/// Watches one socket of curl's for its shard. Made when curl first asks, destroyed just before the
/// socket is closed: libuv must let go of a file number before somebody else gets it.
///
/// A pooled connection stays registered between two requests, because taking it out of the poller
/// and putting it back costs five system calls a request. When something happens on such a socket
/// (nearly always: the provider has closed it), it is taken out then.
class SocketWatch {
 public:
  SocketWatch(uv_loop_t& loop, curl_socket_t socket, Shard& shard);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// UV_READABLE and UV_WRITABLE, or 0: nobody waits for this socket now.
  void want(int events);
  curl_socket_t socket() const { return block_->socket; }

 private:
  // libuv's half: freed by the close callback.
  struct Block {
    uv_poll_t poll;
    curl_socket_t socket;
    SocketWatch* owner;
  };
  void ready(int status, int events);
  void register_for(int events);

  Shard& shard_;
  Block* block_;
  int wanted_ = 0;
  int registered_ = 0;
};

}  // namespace ccrelay::upstream
