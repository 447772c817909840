#pragma once

#include <atomic>
#include <cstdint>

namespace ccrelay::server {

/// What happened on client connections since the start, over all workers. Thread-safe.
struct Counters {
  using Count = std::atomic<std::uint64_t>;
  Count connections_aged = 0;         ///< ended for server.max_connection_age_ms
  Count http2_connections = 0;        ///< that began with the preface
  Count http2_streams = 0;            ///< requests
  Count http2_refused = 0;            ///< streams beyond server.http2_max_streams
  Count http2_resets = 0;             ///< streams that the client reset
  Count http2_stream_errors = 0;      ///< streams reset for breaking the protocol
  Count http2_connection_errors = 0;  ///< connections ended for breaking the protocol
  Count http2_floods = 0;             ///< connections ended for server.http2_frame_budget
  Count http2_timeouts = 0;           ///< connections ended and streams reset for a time-out
};

}  // namespace ccrelay::server
