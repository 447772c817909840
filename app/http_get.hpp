#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <string>

#include "relay_place.hpp"

namespace ccrelay::app {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string server;  ///< the header of that name
  std::string peer;    ///< who answered: `127.0.0.1:8787`, or `unix:/path`
};

/// One GET over a connection of its own to a relay; blocks up to `timeout`. `token` is sent as
/// Bearer unless it is empty. Neither a proxy nor a redirect leads it anywhere else, and with TLS
/// the other side must have the key of the certificate that `place` names, whatever names and dates
/// are in it: it is this configuration's relay that is looked for. At a URL that somebody has named
/// it must be one that this machine trusts, or whose CA $NODE_EXTRA_CA_CERTS has, as for Claude
/// Code.
/// ErrorCode::network when nobody answers there; its message begins with the place and never holds
/// the token.
Result<HttpAnswer> http_get(const RelayPlace& place, const std::string& path,
                            std::chrono::milliseconds timeout, const std::string& token = {});

/// The same as a POST without a body, with one more header, such as `x-cc-relay-reload: 1`.
Result<HttpAnswer> http_post(const RelayPlace& place, const std::string& path,
                             const std::string& header, std::chrono::milliseconds timeout,
                             const std::string& token = {});

/// Whether that is why there was no answer: the relay takes nobody without a certificate of a
/// client
/// (`server.tls.client_auth`), and no command of ours has one.
bool wants_certificate(const Error& why);

/// The answer of a relay's GET /health: `ok` or `draining`.
Result<std::string> relay_health(const RelayPlace& place, std::chrono::milliseconds timeout);

}  // namespace ccrelay::app
