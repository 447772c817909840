#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ccrelay::app {

/// Where a relay listens, and whether it speaks TLS there; or the URL that somebody has named.
struct RelayPlace {
  RelayPlace(std::string address) : listen(std::move(address)) {}
  RelayPlace(const char* address) : listen(address) {}
  RelayPlace(const ServerConfig& server) : listen(server.listen), tls(server.tls) {}
  /// A URL that checked_url() has accepted.
  static RelayPlace at(std::string url);

  bool is_unix() const { return listen.rfind("unix:", 0) == 0; }
  std::string unix_path() const { return is_unix() ? listen.substr(5) : std::string(); }
  /// As a person knows it.
  const std::string& name() const { return url.empty() ? listen : url; }

  std::string listen;
  std::string url;  ///< over `listen` when not empty
  TlsConfig tls;    ///< with a certificate: the one that must be shown there
};

/// A base URL as a person gives it, without the `/` at its end. The error is about `option`.
Result<std::string> checked_url(std::string url, const std::string& option);

/// Host and port of a URL or an address; the port is that of the scheme where none is written.
struct HostAndPort {
  std::string host;  ///< an IPv6 address stands in brackets
  std::string port;
};
HostAndPort host_and_port(const std::string& url_or_address);
/// Whether the host is the loopback by its name.
bool is_loopback(const std::string& host);

/// Where a client on this machine reaches a relay: for all addresses it is the loopback.
/// `http://127.0.0.1:8787`. A Unix socket has no URL.
Result<std::string> local_url(const RelayPlace& place);

/// The same for this program itself: all that is worth trying, in this order. What asks over a Unix
/// socket still has to name a host; it is `http://relay`.
Result<std::vector<std::string>> urls_to_try(const RelayPlace& place);

}  // namespace ccrelay::app
