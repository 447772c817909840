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
  for (unsigned of_proxy = 0; of_proxy <= TlsRecords::useless_max;) {
    const std::uint64_t inner = records_->inner();
    const std::uint64_t outer = records_->outer();
    std::size_t received = 0;
    switch (curl_easy_recv(handle_->get(), to, room, &received)) {
      case CURLE_OK:
        if (received == 0) return {Moved::State::closed};
        // OpenSSL reads ahead and passes over all it holds before it answers: of what it passed
        // over, the last is ours.
        if (useless_records_ + (records_->inner() - inner) > TlsRecords::useless_max + 1) {
          return {Moved::State::lost};
        }
        useless_records_ = 0;
        return {Moved::State::some, received};
      case CURLE_AGAIN:
        break;
      default:
        return {Moved::State::lost};
    }
    // A record may have come that carries nothing for us, and others lie behind it that the socket
    // does not show.
    if (records_->inner() != inner) {
      useless_records_ += records_->inner() - inner;
      if (useless_records_ > TlsRecords::useless_max) return {Moved::State::lost};
    } else if (records_->outer() != outer) {
      ++of_proxy;  // a record of the provider's may be in any number of a proxy's
    } else {
      return {Moved::State::later};
    }
  }
  return {Moved::State::lost};
}

bool CurlChannel::buffers() const {
  return !session_ || SSL_has_pending(session_) == 1;
}

bool CurlChannel::is_quiet() {
  char byte;
  return receive(&byte, 1).state == Moved::State::later;
}

}  // namespace ccrelay::upstream
