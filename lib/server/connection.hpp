#pragma once

#include <ccrelay/config.hpp>

#include <memory>
#include <string>

#include "base/byte_queue.hpp"
#include "base/timer_queue.hpp"
#include "http/h1_codec.hpp"
#include "loop/tcp.hpp"
#include "server/handler.hpp"

namespace ccrelay::server {

class Server;

/// Limits of a connection, from the configuration.
struct ConnectionLimits {
  std::size_t header_bytes_max;
  std::size_t write_buffer_bytes;
  TimeoutConfig timeouts;
};

/// One client connection: reads requests one after the other, gives each to a handler of its own,
/// writes what the handlers answer. Owned by the Server, which buries it when it is over.
/// What a turn produces is written in one go when the turn ends.
class Connection final : public loop::StreamSink,
                         public http::H1Sink,
                         public ResponseWriter,
                         public loop::TurnTask {
 public:
  Connection(Server& server, std::unique_ptr<loop::Stream> stream, const ConnectionLimits& limits);
  ~Connection() override;

  void start();
  /// Closes when idle, else after the running answer.
  void drain();
  /// Ends everything now; the server buries this object next.
  void close(Ending ending);

  /// Index in the server's list.
  std::size_t slot = 0;

 private:
  enum class Phase : std::uint8_t {
    idle,       // waiting for a request
    head,       // a head has begun
    body,       // a handler is fed
    answering,  // the request is complete, its answer is not
    flushing,   // the answer is complete, not yet all taken by the kernel
    lingering,  // FIN sent; waiting for the client's
    closed,
  };

  // StreamSink
  void on_read(std::string_view bytes) override;
  void on_eof() override;
  void on_hang_up() override;
  void on_lost() override;
  void on_written() override;
  // H1Sink
  void on_request_head(RequestHead head) override;
  void on_request_body(std::string_view bytes) override;
  void on_request_end() override;
  void on_refusal(http::Refusal refusal) override;
  // ResponseWriter
  void head(const ResponseHead& head) override;
  void write(std::string_view bytes) override;
  void end() override;
  void reset() override;
  bool full() const override;
  // TurnTask
  void run_at_turn_end() override;

  void read_input(std::string_view bytes);
  void enter(Phase phase);
  void on_timeout();
  void collected();
  void flush();
  void after_write();
  void finish_answer();
  void remove(Ending ending);
  void watch_writes();
  std::size_t waiting_bytes() const { return out_.size() + stream_->queued(); }

  Server& server_;
  std::unique_ptr<loop::Stream> stream_;
  const ConnectionLimits limits_;
  http::H1Codec codec_;
  std::unique_ptr<RequestHandler> handler_;
  base::Timer deadline_;
  base::ByteQueue input_;  // pipelined requests behind the running one
  base::ByteQueue out_;
  Phase phase_ = Phase::idle;
  bool answered_ = false;  // head() was called
  bool ended_ = false;     // end() was called
  bool was_full_ = false;
  bool close_after_ = false;
  bool client_finished_ = false;  // its FIN has come
  bool discard_input_ = false;    // answered before the request was complete
  bool write_watch_ = false;
  bool reset_wanted_ = false;
  bool lost_ = false;  // the stream takes no more bytes
  TimePoint last_input_{};
  std::uint64_t handed_over_ = 0;  // bytes given to the stream
  std::uint64_t taken_when_watched_ = 0;
};

}  // namespace ccrelay::server
