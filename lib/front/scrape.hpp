#pragma once

#include <ccrelay/observer.hpp>

#include <memory>
#include <optional>
#include <string_view>

#include "exchange/answer.hpp"
#include "exchange/auth.hpp"
#include "server/handler.hpp"
#include "worker/tools.hpp"

namespace ccrelay::front {

/// GET /metrics: answers when all workers have told what they have counted. Nobody is told of it
/// but the figures themselves: a line in the log every few seconds would only hide others. Owned by
/// the client's connection.
class Scrape final : public server::RequestHandler {
 public:
  Scrape(worker::Tools& tools, std::shared_ptr<const worker::Snapshot> snapshot,
         server::ResponseWriter& writer, RequestSummary summary);

 private:
  void on_body(std::string_view bytes) override { summary_.bytes_in += bytes.size(); }
  void on_end() override {}
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override {}
  void on_shutdown() override;
  void on_closed(Ending ending) override;
  void answer(exchange::Answer answer);

  worker::Tools& tools_;
  const std::shared_ptr<const worker::Snapshot> snapshot_;
  server::ResponseWriter& writer_;
  RequestSummary summary_;
  const TimePoint begun_;
  bool answered_ = false;
  std::unique_ptr<worker::Census::Ticket> ticket_;
};

/// Why a client may not have the metrics, if so. `access` is what its credentials are good for.
std::optional<exchange::Answer> metrics_refusal(const Config& config,
                                                const exchange::Access& access,
                                                const Headers& headers);

}  // namespace ccrelay::front
