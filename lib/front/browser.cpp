#include "front/browser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "base/host.hpp"

namespace ccrelay::front {
namespace {

// The host of `host`, `host:port` or `[v6]:port`.
bool is_this_machine(std::string_view authority) {
  const std::string_view host = base::host_of(authority);
  return base::is_loopback_name(host) || host == "127.0.0.1" || host == "::1";
}

bool same_host(std::string_view one, std::string_view other) {
  return base::iequals(base::without_final_dot(one), base::without_final_dot(other));
}

bool is_foreign_origin(std::string_view origin) {
  if (base::iequals(origin, "null")) return true;  // of a sandboxed frame or a redirect
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (base::istarts_with(origin, scheme)) return !is_this_machine(origin.substr(scheme.size()));
  }
  return false;  // an extension or a desktop program
}

}  // namespace

bool is_known_host(const ServerConfig& server, const Headers& headers) {
  const auto authority = headers.get(base::HeaderName::host);
  if (!authority) return true;
  const std::string_view host = base::host_of(*authority);
  if (host.empty()) return false;
  // The public DNS has no such names (RFC 7085), so that no stranger's page can be at one.
  if (host.find('.') == std::string_view::npos) return true;
  if (base::is_loopback_name(host) || base::host_ip(host)) return true;
  if (!server.listen.starts_with("unix:") && same_host(host, base::host_of(server.listen))) {
    return true;
  }
  return std::any_of(server.hosts.begin(), server.hosts.end(),
                     [&](const std::string& known) { return same_host(host, known); });
}

std::string shown_host(const Headers& headers) {
  constexpr std::size_t shown_max = 100;
  return fmt::format("\"{}\"",
                     headers.get(base::HeaderName::host).value_or("").substr(0, shown_max));
}

bool comes_from_foreign_page(const Headers& headers) {
  const auto origin = headers.get(base::HeaderName::origin);
  if (origin && is_foreign_origin(*origin)) return true;
  // Without Origin a page of the same origin may be meant, whose name was rebound to this machine.
  const auto site = headers.get("sec-fetch-site");
  if (!site || base::iequals(*site, "none")) return false;
  if (!base::iequals(*site, "same-origin")) return !origin;
  return !is_this_machine(headers.get(base::HeaderName::host).value_or(""));
}

}  // namespace ccrelay::front
