#include "api/origin_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/header_name.hpp"
#include "base/host.hpp"

namespace ccrelay::api {
namespace {

constexpr std::size_t shown_max = 100;

bool same_name(std::string_view one, std::string_view other) {
  return base::iequals(base::without_final_dot(one), base::without_final_dot(other));
}

bool same_address(const in6_addr& one, const in6_addr& other) {
  return std::memcmp(&one, &other, sizeof one) == 0;
}

bool is_loopback_address(const in6_addr& ip) {
  return IN6_IS_ADDR_V4MAPPED(&ip) ? ip.s6_addr[12] == 127 : IN6_IS_ADDR_LOOPBACK(&ip);
}

bool is_any_address(const in6_addr& ip) {
  constexpr in6_addr v4_any{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}}};
  return IN6_IS_ADDR_UNSPECIFIED(&ip) || same_address(ip, v4_any);
}

// A literal is nobody's to point elsewhere; it must be one that is listened on all the same.
bool is_own_address(const House& house, const in6_addr& ip) {
  if (is_loopback_address(ip)) return true;
  return std::any_of(house.addresses.begin(), house.addresses.end(), [&](const auto& address) {
    const auto bound = base::host_ip(base::host_of(address));
    return bound && (is_any_address(*bound) || same_address(*bound, ip));
  });
}

bool is_own_host(const House& house, std::string_view host) {
  if (host.empty()) return false;
  if (base::is_loopback_name(host)) return true;
  if (const auto ip = base::host_ip(host)) return is_own_address(house, *ip);
  if (same_name(host, base::host_of(house.listen))) return true;
  return std::any_of(house.allowed_hosts.begin(), house.allowed_hosts.end(),
                     [&](const std::string& allowed) { return same_name(host, allowed); });
}

bool is_own_origin(const House& house, std::string_view origin, std::string_view authority) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!base::istarts_with(origin, scheme)) continue;
    // A proxy in front may speak TLS where this port does not.
    const bool fits = scheme == "https://" || !house.tls;
    return fits && base::iequals(origin.substr(scheme.size()), authority);
  }
  return false;  // "null", an extension's, or no origin at all
}

}  // namespace

std::string foreign_page(const House& house, const Headers& headers) {
  const std::string_view authority = headers.get(base::HeaderName::host).value_or("");
  if (!is_own_host(house, base::host_of(authority))) {
    return fmt::format(
        "Host is \"{}\", which is neither a name of the loopback nor the address that the "
        "management listens on; a name of yours can be added to manage.allowed_hosts",
        base::clipped(authority, shown_max));
  }
  const auto origin = headers.get(base::HeaderName::origin);
  if (origin && !is_own_origin(house, *origin, authority)) {
    return fmt::format("Origin is \"{}\": a page of another site may not use the management",
                       base::clipped(*origin, shown_max));
  }
  if (base::iequals(headers.get("sec-fetch-site").value_or(""), "cross-site")) {
    return "Sec-Fetch-Site is cross-site: a page of another site may not use the management; open "
           "its address by itself";
  }
  return {};
}

}  // namespace ccrelay::api
