#include "server/client_network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace ccrelay::server {
namespace {
// 64:ff9b::/96, RFC 6052 section 2.1.
constexpr unsigned char translated[12] = {0x00, 0x64, 0xff, 0x9b};
}  // namespace

std::string client_network(std::string_view peer) {
  const auto colon = peer.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string address(peer.substr(0, colon));
  if (!address.starts_with('[') || !address.ends_with(']')) return address;
  address = address.substr(1, address.size() - 2);
  in6_addr bits{};
  if (inet_pton(AF_INET6, address.c_str(), &bits) != 1) return address;
  char text[INET6_ADDRSTRLEN];
  if (IN6_IS_ADDR_V4MAPPED(&bits) ||
      std::memcmp(bits.s6_addr, translated, sizeof translated) == 0) {
    return inet_ntop(AF_INET, bits.s6_addr + 12, text, sizeof text);
  }
  std::memset(bits.s6_addr + 8, 0, 8);
  return std::string(inet_ntop(AF_INET6, &bits, text, sizeof text)) + "/64";
}

}  // namespace ccrelay::server
