#include "client.hpp"

#include <cstring>

namespace bench {

Client::Client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink)
    : channel_(std::move(channel)), epoll_(epoll), sink_(sink) {
  watch(epoll_, EPOLL_CTL_ADD, channel_->fd(), EPOLLOUT);
}

void Client::on_event(std::uint32_t events) {
  if (failed_) return;
  if (!ready_) return connect_further();
  if (events & EPOLLOUT) flush();
  if (!failed_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) receive();
}

void Client::connect_further() {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(channel_->fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(std::strerror(error));
    connected_ = true;
    watching_writes_ = false;
    watch(epoll_, EPOLL_CTL_MOD, channel_->fd(), EPOLLIN);
  }
  switch (channel_->shake()) {
    case Channel::State::later:
      return;
    case Channel::State::closed:
      return fail("no TLS");
    case Channel::State::some:
      ready_ = true;
      on_connected();
      sink_.on_ready(*this);
  }
}

void Client::receive() {
  static char buffer[1 << 16];
  for (;;) {
    const auto [state, bytes] = channel_->read(buffer, sizeof buffer);
    if (state == Channel::State::later) return;
    if (state == Channel::State::closed) return fail("closed");
    take({buffer, bytes});
    // The socket does not show what TLS holds.
    if (failed_ || !channel_->secure()) return;
  }
}

void Client::flush() {
  bool full = false;
  while (!full && !unsent().empty()) {
    const auto [state, bytes] = channel_->write(unsent());
    if (state == Channel::State::closed) return fail("closed while a request was sent");
    if (state == Channel::State::some) sent(bytes);
    full = state == Channel::State::later;
  }
  if (full == watching_writes_) return;
  watching_writes_ = full;
  watch(epoll_, EPOLL_CTL_MOD, channel_->fd(),
        EPOLLIN | (full ? static_cast<std::uint32_t>(EPOLLOUT) : 0U));
}

void Client::fail(const std::string& why) {
  if (failed_) return;
  failed_ = true;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, channel_->fd(), nullptr);
  sink_.on_failed(*this, why);
}

}  // namespace bench
