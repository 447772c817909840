#pragma once

#include <ccrelay/observer.hpp>

#include "base/timer_queue.hpp"
#include "exchange/answer.hpp"
#include "server/handler.hpp"
#include "worker/tools.hpp"

namespace ccrelay::front {

/// A request whose answer is known from its head. It waits for nothing that the client may never
/// send: what has not come by the end of the turn is answered without.
class Canned final : public server::RequestHandler {
 public:
  Canned(worker::Tools& tools, exchange::Answer answer, Dialect dialect,
         server::ResponseWriter& writer, RequestSummary summary);
  /// For a connection on which no request could be read: answers in on_refused().
  Canned(worker::Tools& tools, server::ResponseWriter& writer, RequestSummary summary);

  /// Call once made: answers before the body if `head` announces a large one, or asks whether to
  /// send it.
  void begin(const RequestHead& head);

 private:
  void on_body(std::string_view bytes) override { summary_.bytes_in += bytes.size(); }
  void on_end() override { send(); }
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override {}
  void on_shutdown() override { send(); }
  void on_closed(Ending ending) override;
  void send();

  worker::Tools& tools_;
  exchange::Answer answer_;
  Dialect dialect_;
  server::ResponseWriter& writer_;
  RequestSummary summary_;
  TimePoint begun_;
  base::Timer turn_ends_;
  bool sent_ = false;
};

}  // namespace ccrelay::front
