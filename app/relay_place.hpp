#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <vector>

namespace ccrelay::app {

/// Where a relay listens, and whether it speaks TLS there.
struct RelayPlace {
  RelayPlace(std::string address) : listen(std::move(address)) {}
  RelayPlace(const char* address) : listen(address) {}
  RelayPlace(const ServerConfig& server) : listen(server.listen), tls(server.tls) {}

  bool is_unix() const { return listen.rfind("unix:", 0) == 0; }
  std::string unix_path() const { return is_unix() ? listen.substr(5) : std::string(); }

  std::string listen;
  TlsConfig tls;
};

/// Where a client on this machine reaches a relay: for all addresses it is the loopback.
/// `http://127.0.0.1:8787`. A Unix socket has no URL.
Result<std::string> local_url(const RelayPlace& place);

/// The same for this program itself: all that is worth trying, in this order. What asks over a Unix
/// socket still has to name a host; it is `http://relay`.
Result<std::vector<std::string>> urls_to_try(const RelayPlace& place);

}  // namespace ccrelay::app
