#pragma once

#include <memory>

#include "base/timer_queue.hpp"
#include "http/h2_codec.hpp"
#include "server/connection.hpp"
#include "server/handler.hpp"

namespace ccrelay::server {

class H2Session;

/// One stream of an HTTP/2 connection: a handler, and where it puts its answer. Owned by the
/// session, which closes and buries it.
class H2Request final : public ResponseWriter {
 public:
  H2Request(H2Session& session, http::StreamId id);
  ~H2Request() override;

  void begin(RequestHead head);
  void on_body(std::string_view bytes);
  void on_end();
  /// Also in place of begin().
  void on_refused(const http::Refusal& refusal);
  /// Some of the answer's body has gone.
  void on_progress();
  /// The relay ends.
  void on_shutdown();
  /// Its stream is gone: no more timeouts.
  void detach() { timer_.cancel(); }
  /// The last call.
  void close(Ending ending);
  /// How it ended, should it have ended early.
  Ending early_ending() const { return early_ending_; }

 private:
  // ResponseWriter
  void head(const ResponseHead& head) override;
  void write(std::string_view bytes) override;
  void end() override;
  void reset() override;
  bool full() const override;
  const loop::Stream* stream() const override;

  void on_timeout();
  void give_up(Ending ending);
  void watch_answer();

  H2Session& session_;
  const http::StreamId id_;
  std::unique_ptr<RequestHandler> handler_;
  base::Timer timer_;  // of the request's body, then of an answer that waits for the client
  TimePoint last_input_{};
  std::uint64_t written_when_watched_ = 0;
  Ending early_ending_ = Ending::client_gone;
  bool request_ended_ = false;
  bool answered_ = false;  // head() was called
  bool ended_ = false;     // end() was called
  bool was_full_ = false;
};

}  // namespace ccrelay::server
