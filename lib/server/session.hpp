#pragma once

#include <ccrelay/observer.hpp>

#include <string_view>

namespace ccrelay::server {

/// What a connection speaks: HTTP/1.1 or HTTP/2 on top of bytes. Owned by its Connection, which it
/// refers to and which outlives it. May call Connection::remove() in any of these but close(); it
/// is destroyed when the turn ends.
class Session {
 public:
  virtual ~Session() = default;
  /// Bytes are valid during the call.
  virtual void on_bytes(std::string_view bytes) = 0;
  /// The client has finished sending (FIN).
  virtual void on_eof() = 0;
  /// As on_eof(), or the connection is lost, seen while reading is stopped.
  virtual void on_hang_up() = 0;
  /// The kernel has taken bytes that waited.
  virtual void on_written() = 0;
  /// Connection::deadline() has passed.
  virtual void on_deadline() = 0;
  /// After Connection::schedule(): the place to write what was collected.
  virtual void on_turn_end() = 0;
  /// The next answer, or those that are under way, are the last ones. Nothing is closed that a
  /// client may be about to use.
  virtual void drain() = 0;
  /// Closes if there is no request, so that one that crosses this on the wire meets no RST.
  virtual void close_idle() = 0;
  /// Whatever runs gets an error and its end now; then the connection closes, once the client has
  /// it all.
  virtual void end_now() = 0;
  /// The connection ends now. Every handler is closed within this call.
  virtual void close(Ending ending) = 0;
};

}  // namespace ccrelay::server
