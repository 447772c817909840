#include "upstream/plain_channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace ccrelay::upstream {

namespace {

constexpr std::size_t places_max = 16;

Moved moved(ssize_t count) {
  if (count > 0) return {Moved::State::some, static_cast<std::size_t>(count)};
  if (count == 0) return {Moved::State::closed};
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {later ? Moved::State::later : Moved::State::lost};
}

}  // namespace

PlainChannel::~PlainChannel() {
  ::close(socket_);
}

Moved PlainChannel::send(const Outgoing& outgoing) {
  iovec places[places_max];
  msghdr message{};
  message.msg_iov = places;
  message.msg_iovlen = outgoing.list(places, places_max);
  return moved(::sendmsg(socket_, &message, MSG_NOSIGNAL));
}

Moved PlainChannel::receive(char* to, std::size_t room) {
  return moved(::recv(socket_, to, room, 0));
}

bool PlainChannel::is_quiet() {
  char byte;
  return moved(::recv(socket_, &byte, 1, MSG_PEEK)).state == Moved::State::later;
}

}  // namespace ccrelay::upstream
