#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <string>

namespace ccrelay::app {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// Where a client on this machine reaches a relay that listens on `listen`: for all addresses it is
/// the loopback. `http://127.0.0.1:8787`
Result<std::string> local_url(const std::string& listen);

/// One GET over a connection of its own to a relay that listens on `listen`; blocks up to
/// `timeout`. `token` is sent as Bearer unless it is empty. ErrorCode::network when nobody answers
/// there.
Result<HttpAnswer> http_get(const std::string& listen, const std::string& path,
                            std::chrono::milliseconds timeout, const std::string& token = {});

/// The answer of a relay's GET /health: `ok` or `draining`.
Result<std::string> relay_health(const std::string& listen, std::chrono::milliseconds timeout);

}  // namespace ccrelay::app
