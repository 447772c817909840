#pragma once

#include "upstream/channel.hpp"

namespace ccrelay::upstream {

/// A TCP connection in the clear.
class PlainChannel final : public Channel {
 public:
  /// Takes the socket over, which must be a non-blocking one.
  explicit PlainChannel(int socket) : socket_(socket) {}
  ~PlainChannel() override;
  PlainChannel(const PlainChannel&) = delete;
  PlainChannel& operator=(const PlainChannel&) = delete;

  Moved send(const Outgoing& outgoing) override;
  Moved receive(char* to, std::size_t room) override;
  int socket() const override { return socket_; }
  bool buffers() const override { return false; }
  bool sends_one_place() const override { return false; }
  bool is_quiet() override;

 private:
  const int socket_;
};

}  // namespace ccrelay::upstream
