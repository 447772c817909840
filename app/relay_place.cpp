#include "relay_place.hpp"

#include <fmt/format.h>

#include <string_view>

namespace ccrelay::app {
namespace {

// The hosts under which what listens on this one is found on this machine.
std::vector<std::string_view> reached_as(std::string_view host) {
  if (host.empty()) return {"127.0.0.1", "[::1]"};
  if (host == "0.0.0.0") return {"127.0.0.1"};
  if (host == "[::]") return {"[::1]", "127.0.0.1"};
  return {host};
}

}  // namespace

Result<std::vector<std::string>> urls_to_try(const RelayPlace& place) {
  const std::string_view scheme = place.tls.enabled() ? "https" : "http";
  if (place.is_unix()) return std::vector{fmt::format("{}://relay", scheme)};
  const std::string_view listen = place.listen;
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == listen.size()) {
    return Error{ErrorCode::config, fmt::format("{} is not an address and a port", listen)};
  }
  std::vector<std::string> urls;
  for (const std::string_view host : reached_as(listen.substr(0, colon))) {
    urls.push_back(fmt::format("{}://{}:{}", scheme, host, listen.substr(colon + 1)));
  }
  return urls;
}

Result<std::string> local_url(const RelayPlace& place) {
  if (place.is_unix()) {
    return Error{ErrorCode::config,
                 fmt::format("{} is a Unix socket, which has no URL that a client could be given; "
                             "listen on an address and a port (server.listen)",
                             place.listen)};
  }
  const Result<std::vector<std::string>> urls = urls_to_try(place);
  if (!urls) return urls.error();
  return urls->front();
}

}  // namespace ccrelay::app
