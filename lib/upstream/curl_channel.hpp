#pragma once

#include <memory>

#include "upstream/channel.hpp"
#include "upstream/dialers.hpp"

namespace ccrelay::upstream {

/// A connection on which curl speaks TLS. curl has no callback to make here.
class CurlChannel final : public Channel {
 public:
  /// The handle has dialed with CURLOPT_CONNECT_ONLY and is still where it did so.
  CurlChannel(std::unique_ptr<CurlHandle> handle, int socket)
      : handle_(std::move(handle)), socket_(socket) {}

  Moved send(const Outgoing& outgoing) override;
  Moved receive(char* to, std::size_t room) override;
  int socket() const override { return socket_; }
  bool buffers() const override { return true; }
  bool is_quiet() override;

 private:
  std::unique_ptr<CurlHandle> handle_;
  const int socket_;
};

}  // namespace ccrelay::upstream
