#include "base/host.hpp"

#include <arpa/inet.h>

#include <cstring>
#include <string>

#include "base/ascii.hpp"

namespace ccrelay::base {

bool is_loopback_name(std::string_view host) {
  host = without_final_dot(host);
  for (const std::string_view name : {"localhost", "localhost.localdomain", "localhost6",
                                      "localhost6.localdomain6", "ip6-localhost", "ip6-loopback"}) {
    if (iequals(host, name)) return true;
  }
  constexpr std::string_view below = ".localhost";
  return host.size() > below.size() && iequals(host.substr(host.size() - below.size()), below);
}

std::optional<in6_addr> host_ip(std::string_view host) {
  host = without_final_dot(host);
  const std::string text(host.substr(0, host.find('%')));
  // A zero byte would hide the rest from the C functions below.
  if (text.empty() || text.find('\0') != text.npos) return std::nullopt;
  in6_addr ip{};
  if (::inet_pton(AF_INET6, text.c_str(), &ip) == 1) return ip;
  in_addr v4{};
  const bool is_number = text.front() >= '0' && text.front() <= '9';
  if (!is_number || ::inet_aton(text.c_str(), &v4) == 0) return std::nullopt;
  ip = in6_addr{};
  ip.s6_addr[10] = ip.s6_addr[11] = 0xff;
  std::memcpy(ip.s6_addr + 12, &v4, sizeof v4);
  return ip;
}

std::string_view host_of(std::string_view authority) {
  if (!authority.starts_with('[')) return authority.substr(0, authority.find(':'));
  const auto end = authority.find(']');
  return end == authority.npos ? std::string_view() : authority.substr(1, end - 1);
}

std::string_view without_final_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

}  // namespace ccrelay::base
