#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::loop {

/// What happens on a Stream. Called from the loop; the receiver may destroy the stream in any of
/// these (its destructor cuts the link and libuv's half goes later).
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  /// Bytes are valid during the call.
  virtual void on_read(std::string_view bytes) = 0;
  /// The peer has finished sending (FIN).
  virtual void on_eof() = 0;
  /// While reading is stopped: the peer has finished sending, or the connection is lost. There may
  /// be bytes that were not read before that. Once for each stop_reading().
  virtual void on_hang_up() = 0;
  /// The connection is lost (RST, write failure). Nothing follows.
  virtual void on_lost() = 0;
  /// Bytes that waited have been handed to the kernel; `queued()` is smaller now.
  virtual void on_written() = 0;
  /// An encrypted stream is ready: its handshake is done. Once, before anything is read; a plain
  /// stream has no such moment.
  virtual void on_secured() {}
};

/// The bytes of one client connection, in both directions: a socket, or TLS over one. Owned by its
/// Connection; loop's thread.
class Stream {
 public:
  virtual ~Stream() = default;

  virtual void set_sink(StreamSink& sink) = 0;
  virtual void start_reading() = 0;
  /// That the peer leaves is still noticed (on_hang_up), at the price of a descriptor. Not while
  /// the kernel has no room for what the peer sent before it: its FIN then waits behind that.
  virtual void stop_reading() = 0;

  /// Hands bytes to the kernel now as far as it takes them; the rest waits in one write request.
  /// False when the connection takes none any more: the sink is not told, since its own code is on
  /// the stack.
  [[nodiscard]] virtual bool write(std::string_view bytes) = 0;
  /// Bytes that the kernel has not taken yet.
  virtual std::size_t queued() const = 0;
  /// Bytes that it has taken, of the same as queued(). Never becomes less.
  virtual std::uint64_t taken() const = 0;
  /// Sends FIN once everything queued is written; reading goes on.
  virtual void shutdown() = 0;
  /// From here on the destructor cuts the connection with RST, so that the peer can't take an
  /// incomplete answer for a complete one.
  virtual void reset_on_close() = 0;

  /// The peer, as `127.0.0.1:50412` or `[::1]:50412`; `unix` for one on a Unix socket.
  virtual const std::string& peer() const = 0;
  /// The user whose process connected to a Unix socket (unix(7), SO_PEERCRED); nothing where that
  /// is not to be known.
  virtual std::optional<std::uint32_t> user() const { return {}; }
  /// The subject of the certificate that the peer has shown and that was found good, as RFC 2253
  /// writes it; empty if there is none.
  virtual std::string certificate_subject() const { return {}; }
  /// The protocol that was agreed on in the handshake (ALPN, RFC 7301): `h2`, `http/1.1`, or empty.
  virtual std::string_view protocol() const { return {}; }
};

}  // namespace ccrelay::loop
