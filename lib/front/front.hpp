#pragma once

#include <memory>
#include <optional>
#include <string>

#include "exchange/answer.hpp"
#include "exchange/auth.hpp"
#include "front/endpoint.hpp"
#include "server/handler.hpp"
#include "worker/tools.hpp"

namespace ccrelay::front {

/// Decides what a request is by its head: relayed, answered here, or refused. One per worker.
class Front final : public server::HandlerFactory {
 public:
  explicit Front(worker::Tools& tools) : tools_(tools) {}

  std::unique_ptr<server::RequestHandler> make(RequestHead head, server::ResponseWriter& writer,
                                               const std::string& peer) override;
  std::unique_ptr<server::RequestHandler> make_for_refusal(server::ResponseWriter& writer,
                                                           const std::string& peer) override;
  void on_plain_http(const std::string& peer) override;

 private:
  /// The client's X-Request-ID if it is a sane one, else a new one.
  std::string request_id(const RequestHead& head);
  void begin(RequestSummary& summary, const std::string& peer);
  /// Why a request may not be relayed, if so; else it is counted, and so are the bytes of its head.
  std::optional<exchange::Answer> no_entry(const ServerConfig& config, const Endpoint& endpoint,
                                           const RequestHead& head);
  exchange::Answer local_answer(const Endpoint& endpoint, const RequestHead& head,
                                const worker::Snapshot& snapshot, const ClientConfig* who,
                                const std::string& peer);

  void count_turned_away(const exchange::Access& access);

  worker::Tools& tools_;
};

}  // namespace ccrelay::front
