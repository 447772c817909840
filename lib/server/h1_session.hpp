#pragma once

#include "base/byte_queue.hpp"
#include "http/h1_codec.hpp"
#include "server/connection.hpp"
#include "server/handler.hpp"
#include "server/session.hpp"

namespace ccrelay::server {

/// HTTP/1.1 on a connection: reads requests one after the other, gives each to a handler of its
/// own, writes what the handlers answer.
class H1Session final : public Session, public http::H1Sink, public ResponseWriter {
 public:
  explicit H1Session(Connection& connection);
  ~H1Session() override;

 private:
  enum class Phase : std::uint8_t {
    idle,       // waiting for a request
    head,       // a head has begun
    body,       // a handler is fed
    answering,  // the request is complete, its answer is not
    flushing,   // the answer is complete, not yet all taken by the kernel
    draining,   // the answer is out, and the rest of the request is read away
    lingering,  // FIN sent; waiting for the client's
    closed,
  };

  // Session
  void on_bytes(std::string_view bytes) override;
  void on_eof() override;
  void on_hang_up() override;
  void on_written() override;
  void on_deadline() override;
  void on_turn_end() override;
  void drain() override;
  void close_idle() override;
  void end_now() override;
  void close(Ending ending) override;
  // H1Sink
  void on_request_head(RequestHead head) override;
  void on_request_body_due(std::uint64_t bytes) override;
  void on_request_body(std::string_view bytes) override;
  void on_request_end() override;
  void on_refusal(http::Refusal refusal) override;
  // ResponseWriter
  void head(const ResponseHead& head) override;
  void write(std::string_view bytes) override;
  void flush() override;
  void end() override;
  void reset() override;
  bool full() const override;
  const loop::Stream* stream() const override { return &connection_.stream(); }

  const TimeoutConfig& timeouts() const { return connection_.limits().timeouts; }
  void read_pipelined();
  void read_next();
  bool may_drain() const;
  void enter(Phase phase);
  void collected();
  void after_write();
  void finish_answer();
  void say_goodbye();
  void watch_writes();
  bool input_full() const { return input_.size() >= connection_.limits().header_bytes_max; }
  std::size_t waiting_bytes() const { return out_.size() + connection_.stream().queued(); }

  Connection& connection_;
  http::H1Codec codec_;
  std::unique_ptr<RequestHandler> handler_;
  base::ByteQueue input_;  // pipelined requests behind the running one
  base::ByteQueue out_;
  Phase phase_ = Phase::idle;
  bool answered_ = false;  // head() was called
  bool ended_ = false;     // end() was called
  bool was_full_ = false;
  bool close_after_ = false;
  bool draining_ = false;         // the next answer behind which nothing waits is the last one
  bool client_finished_ = false;  // its FIN has come
  bool discard_input_ = false;    // answered before the request was complete
  bool drains_ = false;           // then: what is left of it is little, and is read away
  bool write_watch_ = false;
  bool reset_wanted_ = false;
  TimePoint last_input_{};
  std::uint64_t taken_when_watched_ = 0;
};

}  // namespace ccrelay::server
