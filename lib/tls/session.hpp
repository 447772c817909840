#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct ssl_st;

namespace ccrelay::tls {

/// The server's side of one TLS connection (RFC 8446, RFC 5246): bytes in, bytes out, no I/O. What
/// has to go on the wire is fetched with take_output() after any call.
class Session {
 public:
  /// Takes over `ssl`.
  explicit Session(ssl_st* ssl);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  enum class Status : std::uint8_t {
    done,    // the handshake, or here are bytes
    wanted,  // more from the wire
    ended,   // the peer has said that it will send no more (close_notify)
    failed,
  };
  /// Bytes off the wire.
  void receive(std::string_view wire);
  Status handshake();
  /// Up to one record of what the peer said; valid until the next call. Empty unless `done`.
  Status read(std::string_view& plain);
  /// After the handshake. False when the session takes no more.
  bool write(std::string_view plain);
  /// Says that we will send no more.
  void close_notify();
  std::string take_output();

  /// What ALPN agreed on; empty if the client did not ask.
  std::string_view protocol() const;

 private:
  ssl_st* ssl_;
};

}  // namespace ccrelay::tls
