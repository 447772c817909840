#pragma once

#include <uv.h>

#include "loop/loop.hpp"

namespace ccrelay::upstream {

/// Told when a watched socket is ready. May destroy or close the watch.
class SocketUser {
 public:
  /// UV_READABLE and UV_WRITABLE, of what is wanted; on an error of the socket, all of that.
  virtual void on_socket(int socket, int events) = 0;

 protected:
  ~SocketUser() = default;
};

/// Watches one socket on the loop. It must be closed or destroyed before the socket is: libuv must
/// let go of a file number before somebody else gets it.
///
/// A socket whose events are not wanted for a while stays registered, because taking it out of the
/// poller and putting it back costs system calls. When something happens on it, it is taken out.
class SocketWatch {
 public:
  SocketWatch(loop::Loop& loop, int socket, SocketUser& user);
  ~SocketWatch() { close(); }
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// UV_READABLE and UV_WRITABLE, or 0.
  void want(int events);
  /// From here on nothing happens.
  void close();

 private:
  // libuv's half: freed by the close callback.
  struct Block {
    uv_poll_t poll;
    int socket;
    SocketWatch* owner;
  };
  void ready(int status, int events);
  void register_for(int events);

  loop::Loop& loop_;
  SocketUser& user_;
  Block* block_;
  int wanted_ = 0;
  int registered_ = 0;
};

}  // namespace ccrelay::upstream
