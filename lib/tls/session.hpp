#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct ssl_st;

namespace ccrelay::tls {

/// The server's side of one TLS connection (RFC 8446, RFC 5246): bytes in, bytes out, no I/O. What
/// has to go on the wire is output() after a call; neither side's bytes are copied on their way to
/// OpenSSL's records and from them.
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
  /// Bytes off the wire, behind those of before. They are looked at where they lie: valid until
  /// handshake() or read() has answered `wanted`, or keep().
  void receive(std::string_view wire);
  /// Takes over what was received and not read yet, so that it need not stay where it lies.
  void keep();
  /// Whether read() might have something without more from the wire.
  bool holds_bytes() const;
  Status handshake();
  /// Records in a row that carry nothing for us, such as KeyUpdate: each costs us more than it
  /// costs the peer (RFC 8446 section 4.6.3). With one more the session has failed. OpenSSL itself
  /// bears as many empty ones.
  static constexpr unsigned useless_records_max = 32;
  /// Up to one record of what the peer said; valid until the next call. Empty unless `done`.
  Status read(std::string_view& plain);
  /// After the handshake. False when the session takes no more.
  bool write(std::string_view plain);
  /// Says that we will send no more.
  void close_notify();
  /// What the last of the four calls above has made for the wire. Valid until the next call of any
  /// session on this thread.
  std::string_view output() const;

  /// The subject of the client's certificate, if it has shown one and it was found good, as RFC
  /// 2253 writes it; else empty. After the handshake.
  std::string certificate_subject() const;
  /// What ALPN agreed on; empty if the client did not ask.
  std::string_view protocol() const;

 private:
  friend struct SessionWire;

  void begin();

  ssl_st* ssl_;
  std::string kept_;           // received before `wire_`, owned
  std::size_t kept_read_ = 0;  // of it
  std::string_view wire_;      // received, not ours
  std::uint64_t records_ = 0;  // heads of records that came
  unsigned useless_records_ = 0;
};

}  // namespace ccrelay::tls
