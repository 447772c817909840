#include "base/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/ascii.hpp"

namespace ccrelay::base {
namespace {

constexpr std::string_view unix_peer = "unix";

struct Parsed {
  IpAddress address{};
  bool is_v4 = false;
};

std::optional<Parsed> parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  text = text.substr(0, text.find('%'));  // which link it is on says nothing of who it is
  // Longer ones are none, and a zero byte would hide the rest from the C functions.
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return {};
  const std::string terminated(text);
  Parsed parsed;
  if (inet_pton(AF_INET6, terminated.c_str(), parsed.address.data()) == 1) return parsed;
  unsigned char v4[4];
  if (inet_pton(AF_INET, terminated.c_str(), v4) != 1) return {};
  parsed.address[10] = parsed.address[11] = 0xff;
  std::memcpy(parsed.address.data() + 12, v4, sizeof v4);
  parsed.is_v4 = true;
  return parsed;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? std::optional(parsed->address) : std::nullopt;
}

std::optional<IpAddress> parse_peer(std::string_view text) {
  if (auto whole = parse_ip(text)) return whole;
  const auto colon = text.rfind(':');
  return colon == std::string_view::npos ? std::nullopt : parse_ip(text.substr(0, colon));
}

bool Networks::add(std::string_view text) {
  if (text == unix_peer || text == "unix:") {
    unix_ = true;
    return true;
  }
  const auto slash = text.find('/');
  const auto parsed = parse(text.substr(0, slash));
  if (!parsed) return false;
  const unsigned most = parsed->is_v4 ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const auto given = parse_number(text.substr(slash + 1));
    if (!given || *given > most) return false;
    bits = static_cast<unsigned>(*given);
  }
  networks_.push_back({parsed->address, parsed->is_v4 ? bits + 96 : bits});
  return true;
}

bool Networks::contains(const IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const unsigned bytes = network.bits / 8;
    if (!std::equal(address.begin(), address.begin() + bytes, network.address.begin()))
      return false;
    const unsigned rest = network.bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
    return ((address[bytes] ^ network.address[bytes]) & mask) == 0;
  });
}

bool Networks::contains_peer(std::string_view peer) const {
  if (peer.substr(0, unix_peer.size()) == unix_peer) return unix_;
  const auto address = parse_peer(peer);
  return address && contains(*address);
}

}  // namespace ccrelay::base
