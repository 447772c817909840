#pragma once

#include <ccrelay/http.hpp>

#include <cstdint>
#include <string_view>

#include "http/refusal.hpp"

namespace ccrelay::http {

/// Number of a stream (RFC 9113 section 5.1.1).
using StreamId = std::int32_t;

/// What a client does that somebody may want to count.
enum class H2Incident : std::uint8_t {
  stream_error,      ///< a stream was reset because it broke the protocol
  connection_error,  ///< the connection ends because it broke the protocol
  flood,             ///< the connection ends because of too many frames that mean nothing
  refused_stream,    ///< a stream beyond those that may be open
  client_reset,      ///< the client reset a stream
};

/// Told what the bytes of an HTTP/2 connection mean. None of these may destroy the codec or call
/// its feed() and write_to(); answering within them is fine.
class H2Sink {
 public:
  virtual ~H2Sink() = default;
  virtual void on_request_head(StreamId id, RequestHead head) = 0;
  /// The client gets this much of its window back when H2Codec::take() says so.
  virtual void on_request_body(StreamId id, std::string_view bytes) = 0;
  virtual void on_request_end(StreamId id) = 0;
  /// This stream's request may not be served, or not be read further. Its head may not have been
  /// told.
  virtual void on_refusal(StreamId id, Refusal refusal) = 0;
  /// The last of a stream that was told of; `answered` when its whole answer has been written.
  virtual void on_stream_closed(StreamId id, bool answered) = 0;
  virtual void on_incident(H2Incident incident) = 0;
};

}  // namespace ccrelay::http
