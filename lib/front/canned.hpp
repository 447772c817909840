#pragma once

#include <ccrelay/observer.hpp>

#include "exchange/answer.hpp"
#include "server/handler.hpp"
#include "worker/tools.hpp"

namespace ccrelay::front {

/// A request whose answer is known from its head. Waits for the end of a small body, so that the
/// connection can go on, and answers at once where a large one would follow.
class Canned final : public server::RequestHandler {
 public:
  Canned(worker::Tools& tools, exchange::Answer answer, Dialect dialect,
         server::ResponseWriter& writer, RequestSummary summary);
  /// For a connection on which no request could be read: answers in on_refused().
  Canned(worker::Tools& tools, server::ResponseWriter& writer, RequestSummary summary);

  /// Call once made: answers before the body if `head` announces a large one.
  void begin(const RequestHead& head);

 private:
  void on_body(std::string_view bytes) override;
  void on_end() override { send(); }
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override {}
  void on_shutdown() override { send(); }
  void on_closed(Ending ending) override;
  void send();

  worker::Tools& tools_;
  exchange::Answer answer_;
  const Dialect dialect_;
  server::ResponseWriter& writer_;
  RequestSummary summary_;
  TimePoint begun_;
  bool sent_ = false;
};

}  // namespace ccrelay::front
