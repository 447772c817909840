#pragma once

#include <ccrelay/config.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/timer_queue.hpp"
#include "loop/tcp.hpp"
#include "server/counters.hpp"
#include "server/handler.hpp"
#include "server/session.hpp"

namespace ccrelay::server {

class Connection;
class Server;

/// Connections that have asked nothing yet, the oldest first, and since when they are there.
using Silent = std::list<std::pair<Connection*, TimePoint>>;

/// Limits of a connection, from the configuration.
struct ConnectionLimits {
  std::size_t header_bytes_max;
  std::size_t header_count_max;
  std::size_t write_buffer_bytes;
  TimeoutConfig timeouts;
  milliseconds handshake_timeout{10'000};  // of TLS
  milliseconds age_max{0};                 // 0 = none
  bool http2 = true;
  std::uint32_t http2_streams_max = 100;
  std::uint32_t http2_frame_budget = 1000;
};

enum class Protocol : std::uint8_t { http1, http2 };

/// One client connection: a socket, the protocol spoken on it, and a deadline. Owned by the Server,
/// which buries it when it is over. What a turn produces is written in one go when the turn ends.
class Connection final : public loop::StreamSink, public loop::TurnTask {
 public:
  Connection(Server& server, std::unique_ptr<loop::Stream> stream, const ConnectionLimits& limits);
  ~Connection() override;

  /// Waits for a TLS handshake; ALPN or what comes behind it tells the protocol.
  void secure();
  /// Reads; the first bytes tell the protocol. The first request's head must come within its time.
  void sniff();
  /// Reads, and the protocol is known, as from ALPN (RFC 7301) or from the bytes that have come.
  void speak(Protocol protocol);
  /// As Session has them. Without a session yet there is a request to come, or none.
  void drain();
  void close_idle();
  void end_now();
  /// Ends everything now; the server buries this object next.
  void close(Ending ending);

  /// Index in the server's list.
  std::size_t slot = 0;
  /// What the client is counted by, if there is a limit.
  std::string network;
  /// Its place among those that have asked nothing yet.
  std::optional<Silent::iterator> silent;

  // For its session.
  loop::Loop& loop() const { return TurnTask::loop(); }
  HandlerFactory& factory();
  Counters& counters();
  bool draining() const;
  const ConnectionLimits& limits() const { return limits_; }
  const std::string& peer() const { return stream_->peer(); }
  loop::Stream& stream() { return *stream_; }
  base::Timer& deadline() { return deadline_; }
  TimePoint now() const { return loop().now(); }
  /// Hands bytes to the kernel. When it takes none any more, lost() is true from then on.
  void write(std::string_view bytes);
  bool lost() const { return lost_; }
  /// Bytes on the wire that the kernel has taken, and all there will be of what was written so far.
  /// With TLS these are more than were written.
  std::uint64_t taken() const { return stream_->taken(); }
  std::uint64_t due_on_wire() const { return stream_->taken() + stream_->queued(); }
  /// Ends everything and has the server bury this object.
  void remove(Ending ending);

 private:
  // StreamSink
  void on_read(std::string_view bytes) override;
  void on_eof() override;
  void on_hang_up() override;
  void on_lost() override;
  void on_written() override;
  void on_secured() override;
  // TurnTask
  void run_at_turn_end() override;

  void on_deadline();

  Server& server_;
  std::unique_ptr<loop::Stream> stream_;
  const ConnectionLimits& limits_;
  base::Timer deadline_;
  base::Timer age_;
  std::unique_ptr<Session> session_;  // none while the first bytes are awaited
  std::string first_bytes_;           // of a preface that is not whole yet
  bool securing_ = false;             // the TLS handshake is not done
  bool lost_ = false;
  bool closed_ = false;
};

}  // namespace ccrelay::server
