#pragma once

#include <memory>
#include <string>

#include "loop/loop.hpp"
#include "loop/stream.hpp"
#include "server/counters.hpp"
#include "server/handler.hpp"
#include "tls/session.hpp"

namespace ccrelay::server {

/// TLS over a socket. Its sink hears of nothing but the end until the handshake is done. Owned by
/// its Connection, which may destroy it in any call it gets.
class TlsStream final : public loop::Stream, private loop::StreamSink, private loop::TurnTask {
 public:
  TlsStream(loop::Loop& loop, std::unique_ptr<loop::Stream> socket,
            std::unique_ptr<tls::Session> session, Counters& counters, HandlerFactory& factory);
  ~TlsStream() override;

  void set_sink(loop::StreamSink& sink) override { sink_ = &sink; }
  void start_reading() override;
  void stop_reading() override;
  [[nodiscard]] bool write(std::string_view bytes) override;
  /// Of what was encrypted.
  std::size_t queued() const override { return socket_->queued(); }
  std::uint64_t taken() const override { return socket_->taken(); }
  void shutdown() override;
  void reset_on_close() override;
  const std::string& peer() const override { return socket_->peer(); }
  std::string certificate_subject() const override { return session_->certificate_subject(); }
  std::string_view protocol() const override { return session_->protocol(); }

 private:
  // StreamSink, of the socket
  void on_read(std::string_view bytes) override;
  void on_eof() override;
  void on_hang_up() override { sink_->on_hang_up(); }
  void on_lost() override { sink_->on_lost(); }
  void on_written() override;
  // TurnTask
  void run_at_turn_end() override;

  bool secure();
  bool hand_on();
  void lose();
  void refuse();
  void answer_plain_http();
  bool flush();

  std::unique_ptr<loop::Stream> socket_;
  std::unique_ptr<tls::Session> session_;
  Counters& counters_;
  HandlerFactory& factory_;
  loop::StreamSink* sink_ = nullptr;
  bool* destroyed_ = nullptr;  // of a call that is under way
  bool reading_ = false;
  bool secured_ = false;
  bool first_seen_ = false;
  bool refused_ = false;    // no TLS was spoken, or its handshake has failed
  bool peer_done_ = false;  // the sink knows that the peer has finished sending
  bool cut_ = false;
  bool closed_ = false;  // close_notify is sent
};

}  // namespace ccrelay::server
