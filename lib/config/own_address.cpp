#include "config/own_address.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/ascii.hpp"
#include "base/host.hpp"

namespace ccrelay::config {
namespace {

// Every address as one of IPv6, IPv4 mapped into it (RFC 4291 section 2.5.5.2).
using Ip = in6_addr;

Ip mapped(std::uint32_t v4) {
  Ip ip{};
  ip.s6_addr[10] = ip.s6_addr[11] = 0xff;
  const std::uint32_t in_order = htonl(v4);
  std::memcpy(ip.s6_addr + 12, &in_order, sizeof in_order);
  return ip;
}

bool same_ip(const Ip& a, const Ip& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

bool is_v4(const Ip& ip) {
  return IN6_IS_ADDR_V4MAPPED(&ip);
}

bool is_any(const Ip& ip) {
  return same_ip(ip, mapped(0)) || IN6_IS_ADDR_UNSPECIFIED(&ip);
}

bool is_loopback(const Ip& ip) {
  return is_v4(ip) ? ip.s6_addr[12] == 127 : IN6_IS_ADDR_LOOPBACK(&ip);
}

// Where a connection to the host goes; to "any address" is to the loopback.
std::vector<Ip> targets(std::string_view host) {
  if (base::is_loopback_name(host)) return {mapped(INADDR_LOOPBACK), in6addr_loopback};
  const auto ip = base::host_ip(host);
  if (!ip) return {};
  if (!is_any(*ip)) return {*ip};
  return {is_v4(*ip) ? mapped(INADDR_LOOPBACK) : in6addr_loopback};
}

bool reaches(const Ip& target, std::string_view listen) {
  if (listen.empty()) return is_loopback(target);  // on all addresses of both kinds
  const std::vector<Ip> named = targets(listen);
  const auto ip = base::host_ip(listen);
  if (ip && is_any(*ip)) return is_loopback(target) && is_v4(target) == is_v4(*ip);
  return std::any_of(named.begin(), named.end(),
                     [&](const Ip& one) { return same_ip(one, target); });
}

}  // namespace

bool leads_to(std::string_view url, const ListenAddress& listen) {
  if (!listen.unix_path.empty()) return false;
  const auto to = parse_url_place(url);
  if (!to || listen.port == 0 || to->port != listen.port) return false;
  if (base::iequals(base::without_final_dot(to->host), base::without_final_dot(listen.host)) &&
      !to->host.empty()) {
    return true;
  }
  const std::vector<Ip> all = targets(to->host);
  return std::any_of(all.begin(), all.end(),
                     [&](const Ip& ip) { return reaches(ip, listen.host); });
}

std::string leads_to_itself(std::string_view provider, std::string_view listen) {
  return fmt::format(
      "provider \"{}\" has a base_url that leads to {}, where this relay listens: each request "
      "would come back to it; write the provider's own address",
      provider, listen);
}

}  // namespace ccrelay::config
