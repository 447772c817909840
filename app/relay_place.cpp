#include "relay_place.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

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

RelayPlace RelayPlace::at(std::string url) {
  const HostAndPort there = host_and_port(url);
  RelayPlace place(there.host + ":" + there.port);
  place.url = std::move(url);
  return place;
}

// Claude Code adds `/v1/messages` to what it is given.
Result<std::string> checked_url(std::string url, const std::string& option) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  const bool scheme = url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
  bool plain = scheme && url.back() != '/' && url.back() != ':';
  for (const char c : url) plain = plain && c > ' ' && c < 0x7F && c != '"';
  if (!plain) {
    return Error{ErrorCode::config, fmt::format("{}: an http:// or https:// URL is needed, such as "
                                                "http://127.0.0.1:8787",
                                                option)};
  }
  if (url.size() > 3 && url.compare(url.size() - 3, 3, "/v1") == 0) {
    return Error{ErrorCode::config,
                 fmt::format("{}: leave /v1 out, because Claude Code adds it by itself", option)};
  }
  return url;
}

HostAndPort host_and_port(const std::string& url_or_address) {
  std::string_view text = url_or_address;
  std::string_view port;
  for (const auto& [scheme, usual] :
       {std::pair<std::string_view, std::string_view>{"http://", "80"}, {"https://", "443"}}) {
    if (text.substr(0, scheme.size()) != scheme) continue;
    text.remove_prefix(scheme.size());
    text = text.substr(0, text.find('/'));
    if (const auto at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
    port = usual;
    break;
  }
  const auto colon = text.rfind(':');
  const auto bracket = text.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (has_port) port = text.substr(colon + 1);
  return {std::string(has_port ? text.substr(0, colon) : text), std::string(port)};
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.rfind("127.", 0) == 0;
}

Result<std::vector<std::string>> urls_to_try(const RelayPlace& place) {
  if (!place.url.empty()) return std::vector{place.url};
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
