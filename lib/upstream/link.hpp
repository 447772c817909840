#pragma once

#include <cstdint>
#include <memory>

#include "loop/loop.hpp"
#include "upstream/channel.hpp"
#include "upstream/socket_watch.hpp"

namespace ccrelay::upstream {

class Link;
struct OriginPool;

/// Who has the connection now: a call, or the pool.
class ConnectionUser {
 public:
  /// UV_READABLE and UV_WRITABLE, of what is wanted. May close the connection, and bury it.
  virtual void on_ready(Link& connection, int events) = 0;

 protected:
  ~ConnectionUser() = default;
};

/// An open connection and its watch. Belongs to whoever uses it; as it may be on the stack then, it
/// is closed and buried rather than destroyed.
class Link final : private SocketUser {
 public:
  Link(loop::Loop& loop, std::unique_ptr<Channel> channel, OriginPool& pool)
      : channel_(std::move(channel)), watch_(loop, channel_->socket(), *this), pool_(pool) {}
  ~Link() { close(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void set_user(ConnectionUser& user) { user_ = &user; }
  void want(int events) { watch_.want(events); }
  /// What send() and receive() are asked of; not after close().
  Channel& channel() { return *channel_; }
  void close() {
    watch_.close();  // before the socket is
    channel_.reset();
  }

  OriginPool& pool() { return pool_; }
  /// It has served a request before.
  bool reused = false;
  /// The pool's: it is not used again from then on.
  TimePoint expires{};
  /// The loop's turn in which it was put there.
  std::uint64_t pooled_in = 0;

 private:
  void on_socket(int, int events) override { user_->on_ready(*this, events); }

  std::unique_ptr<Channel> channel_;
  SocketWatch watch_;
  OriginPool& pool_;
  ConnectionUser* user_ = nullptr;
};

}  // namespace ccrelay::upstream
