#include "upstream/socket_watch.hpp"

#include <utility>

#include "base/assert.hpp"

namespace ccrelay::upstream {

SocketWatch::SocketWatch(loop::Loop& loop, int socket, SocketUser& user)
    : loop_(loop), user_(user), block_(new Block) {
  const int error = uv_poll_init_socket(&loop.uv(), &block_->poll, socket);
  CCRELAY_ASSERT(error == 0, "the file number is open and watched by nobody else");
  block_->poll.data = block_;
  block_->socket = socket;
  block_->owner = this;
}

void SocketWatch::close() {
  Block* block = std::exchange(block_, nullptr);
  if (!block) return;
  block->owner = nullptr;
  // Takes the socket out of the poller at once; only the memory is needed for another turn.
  uv_close(reinterpret_cast<uv_handle_t*>(&block->poll),
           [](uv_handle_t* handle) noexcept { delete static_cast<Block*>(handle->data); });
}

void SocketWatch::want(int events) {
  if (!block_) return;
  wanted_ = events;
  if (events == registered_) return;
  // A socket that is also waited on for writing would be ready at once.
  if (events == 0 && registered_ == UV_READABLE) return;
  register_for(events);
}

void SocketWatch::register_for(int events) {
  registered_ = events;
  if (events == 0) {
    uv_poll_stop(&block_->poll);
    return;
  }
  uv_poll_start(&block_->poll, events, [](uv_poll_t* handle, int status, int ready) noexcept {
    if (auto* owner = static_cast<Block*>(handle->data)->owner) owner->ready(status, ready);
  });
}

void SocketWatch::ready(int status, int events) {
  if (status < 0) {
    // An error on the socket. libuv has stopped watching; the user asks the socket what it is, and
    // may go on waiting.
    events = wanted_;
    registered_ = 0;
  }
  events &= wanted_;
  if (registered_ != wanted_) register_for(wanted_);
  if (events == 0) return;
  const loop::Callback here(loop_);
  user_.on_socket(block_->socket, events);
}

}  // namespace ccrelay::upstream
