#pragma once

#include <ccrelay/config.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/origin_rules.hpp"
#include "api/visit.hpp"
#include "server/server.hpp"

namespace ccrelay::api {

/// One way in: a server, and who is let in there. Loop's thread, but for what is said of it.
class Entrance final : public server::HandlerFactory {
 public:
  using ConfigNow = std::function<std::shared_ptr<const Config>()>;

  /// `local`: the Unix socket.
  Entrance(Rooms& rooms, bool local, milliseconds handshake_timeout, ConfigNow config);

  server::Server& server() { return server_; }
  /// Any thread.
  void use(tls::Context certificate) { common_.tls.use(std::move(certificate)); }
  /// Any thread.
  bool speaks_tls() const { return common_.tls.enabled(); }
  /// Where it listens, as `127.0.0.1:9091`. Any thread.
  std::vector<std::string> addresses() const;
  /// It listens now.
  void listens();

 private:
  std::unique_ptr<server::RequestHandler> make(RequestHead head, server::ResponseWriter& writer,
                                               const std::string& peer) override;
  std::unique_ptr<server::RequestHandler> make_for_refusal(server::ResponseWriter& writer,
                                                           const std::string& peer) override;

  Rooms& rooms_;
  const bool local_;
  const ConfigNow config_;
  server::Common common_;
  server::Server server_;
  mutable std::mutex mutex_;
  std::vector<std::string> addresses_;
};

}  // namespace ccrelay::api
