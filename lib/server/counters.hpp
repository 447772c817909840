#pragma once

#include <atomic>
#include <cstdint>

namespace ccrelay::server {

/// What happened on client connections since the start, over all workers. Thread-safe.
struct Counters {
  using Count = std::atomic<std::uint64_t>;
  Count refused_in_all = 0;       ///< connections beyond server.max_connections
  Count refused_per_address = 0;  ///< beyond server.max_connections_per_address
  Count displaced = 0;            ///< silent ones that had to make room for others
  Count accept_failures = 0;      ///< times that no connection could be taken
  Count idle = 0;                 ///< ended for timeouts.client_idle_ms, or never asked anything
  Count slow_heads = 0;           ///< 408 for timeouts.client_header_ms
  Count slow_bodies = 0;          ///< 408 for timeouts.client_body_ms
  Count slow_readers = 0;         ///< cut for timeouts.client_write_ms
  Count malformed = 0;            ///< other requests refused for their form, or a head's size
  Count tls_on_plain = 0;         ///< connections that began with TLS where none is spoken
  Count tls_handshakes = 0;       ///< done
  Count tls_failures = 0;         ///< handshakes and connections ended for breaking the protocol
  Count tls_timeouts = 0;         ///< handshakes beyond server.tls.handshake_timeout_ms
  Count tls_plain_http = 0;       ///< connections without TLS where it is spoken
  Count connections_aged = 0;     ///< ended for server.max_connection_age_ms
  Count http2_connections = 0;    ///< that began with the preface
  Count http2_streams = 0;        ///< requests
  Count http2_refused = 0;        ///< streams beyond server.http2_max_streams
  Count http2_resets = 0;         ///< streams that the client reset
  Count http2_stream_errors = 0;  ///< streams reset for breaking the protocol
  Count http2_connection_errors = 0;  ///< connections ended for breaking the protocol
  Count http2_floods = 0;             ///< connections ended for server.http2_frame_budget
  Count http2_timeouts = 0;           ///< connections ended and streams reset for a time-out
};

}  // namespace ccrelay::server
