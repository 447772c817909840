#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <chrono>
#include <string>

namespace ccrelay::app {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// Where a relay listens, and whether it speaks TLS there.
struct RelayPlace {
  RelayPlace(std::string address) : listen(std::move(address)) {}
  RelayPlace(const char* address) : listen(address) {}
  RelayPlace(const ServerConfig& server) : listen(server.listen), tls(server.tls) {}

  bool is_unix() const { return listen.rfind("unix:", 0) == 0; }

  std::string listen;
  TlsConfig tls;
};

/// Where a client on this machine reaches a relay: for all addresses it is the loopback.
/// `http://127.0.0.1:8787`. A Unix socket has no URL.
Result<std::string> local_url(const RelayPlace& place);

/// One GET over a connection of its own to a relay; blocks up to `timeout`. `token` is sent as
/// Bearer unless it is empty. ErrorCode::network when nobody answers there.
Result<HttpAnswer> http_get(const RelayPlace& place, const std::string& path,
                            std::chrono::milliseconds timeout, const std::string& token = {});

/// The answer of a relay's GET /health: `ok` or `draining`.
Result<std::string> relay_health(const RelayPlace& place, std::chrono::milliseconds timeout);

}  // namespace ccrelay::app
