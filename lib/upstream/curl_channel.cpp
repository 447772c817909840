#include "upstream/curl_channel.hpp"

#include <openssl/ssl.h>

#include <algorithm>

namespace ccrelay::upstream {

namespace {

// A TLS record. What could not be sent must be offered again as it was: OpenSSL has encrypted it.
constexpr std::size_t send_max = 16 * 1024;

}  // namespace

Moved CurlChannel::send(const Outgoing& outgoing) {
  const std::string_view bytes = outgoing.front();
  std::size_t sent = 0;
  switch (curl_easy_send(handle_->get(), bytes.data(), std::min(bytes.size(), send_max), &sent)) {
    case CURLE_OK:
      if (sent > 0) return {Moved::State::some, sent};
      [[fallthrough]];
    case CURLE_AGAIN:
      return {Moved::State::later};
    default:
      return {Moved::State::lost};
  }
}

Moved CurlChannel::receive(char* to, std::size_t room) {
  std::size_t received = 0;
  switch (curl_easy_recv(handle_->get(), to, room, &received)) {
    case CURLE_OK:
      if (received > 0) return {Moved::State::some, received};
      return {Moved::State::closed};
    case CURLE_AGAIN:
      return {Moved::State::later};
    default:
      return {Moved::State::lost};
  }
}

bool CurlChannel::buffers() const {
  return !session_ || SSL_has_pending(session_) == 1;
}

bool CurlChannel::is_quiet() {
  char byte;
  return receive(&byte, 1).state == Moved::State::later;
}

}  // namespace ccrelay::upstream
