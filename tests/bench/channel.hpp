#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "socket.hpp"

namespace bench {

/// The bytes of one connected socket, in the clear or in TLS. Owns both.
class Channel {
 public:
  enum class State { some, later, closed };
  struct Moved {
    State state;
    std::size_t bytes = 0;
  };

  explicit Channel(int fd) : fd_(fd) {}
  /// With TLS: `context` says on which side.
  Channel(int fd, SSL_CTX* context, bool server);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int fd() const { return fd_; }
  bool secure() const { return ssl_ != nullptr; }
  /// As much of TLS's handshake as can be had now; `some` when it is done.
  State shake();
  Moved read(char* to, std::size_t room);
  Moved write(std::string_view bytes);

 private:
  Moved outcome(int result);

  int fd_;
  SSL* ssl_ = nullptr;
};

/// A client's, which believes every certificate; it lives as long as the process.
SSL_CTX* client_context();
/// A server's with this certificate and key; ends the process when they can't be read.
SSL_CTX* server_context(const char* certificate, const char* key);

}  // namespace bench
