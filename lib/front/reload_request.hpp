#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/observer.hpp>

#include <memory>
#include <optional>
#include <string_view>

#include "exchange/answer.hpp"
#include "exchange/auth.hpp"
#include "server/handler.hpp"
#include "worker/tools.hpp"

namespace ccrelay::front {

/// Why who has got in may not have the configuration read again, if so. It takes the relay's own
/// key; where nothing is asked for, a client on this machine that no proxy stands before. And in
/// any case a header that no web page can send unasked, from where no page comes.
std::optional<exchange::Answer> no_reload(const AuthConfig& auth, const exchange::Access& access,
                                          const Headers& headers, std::string_view peer);

/// POST /-/reload: answers when the configuration has been read again, which another thread does.
class ReloadRequest final : public server::RequestHandler {
 public:
  ReloadRequest(worker::Tools& tools, server::ResponseWriter& writer, RequestSummary summary);
  ~ReloadRequest() override;

 private:
  struct Slot;

  void on_body(std::string_view bytes) override;
  void on_end() override;
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override {}
  void on_shutdown() override;
  void on_closed(Ending ending) override;
  void send(const exchange::Answer& answer);

  worker::Tools& tools_;
  server::ResponseWriter& writer_;
  RequestSummary summary_;
  TimePoint begun_;
  std::shared_ptr<Slot> slot_;  // what an answer on its way finds; of this loop's thread
  bool sent_ = false;
};

}  // namespace ccrelay::front
