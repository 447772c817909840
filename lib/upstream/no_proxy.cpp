#include "upstream/no_proxy.hpp"

#include <arpa/inet.h>

#include <optional>
#include <string>

#include "base/ascii.hpp"

namespace ccrelay::upstream {

namespace {

struct Address {
  int bits = 0;  // 32 or 128
  unsigned char bytes[16] = {};
};

std::optional<Address> parse_address(std::string_view text) {
  const std::string ended(text);
  Address address;
  if (inet_pton(AF_INET, ended.c_str(), address.bytes) == 1) {
    address.bits = 32;
  } else if (inet_pton(AF_INET6, ended.c_str(), address.bytes) == 1) {
    address.bits = 128;
  } else {
    return std::nullopt;
  }
  return address;
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return host.substr(1, host.size() - 2);
  return host;
}

std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool in_network(const Address& address, std::string_view entry) {
  const auto slash = entry.find('/');
  const auto network = parse_address(without_brackets(entry.substr(0, slash)));
  if (!network || network->bits != address.bits) return false;
  std::uint64_t prefix = static_cast<std::uint64_t>(address.bits);
  if (slash != std::string_view::npos) {
    const auto number = base::parse_number(entry.substr(slash + 1));
    if (!number || *number > prefix) return false;
    prefix = *number;
  }
  for (std::uint64_t bit = 0; bit < prefix; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80u >> (bit % 8));
    if ((address.bytes[bit / 8] & mask) != (network->bytes[bit / 8] & mask)) return false;
  }
  return true;
}

bool covers(std::string_view entry, std::string_view name) {
  entry = without_last_dot(entry);
  const bool below = entry.starts_with("*.");
  if (below) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || entry.size() > name.size()) return false;
  const std::size_t before = name.size() - entry.size();
  if (!base::iequals(name.substr(before), entry)) return false;
  return before == 0 ? !below : name[before - 1] == '.';
}

// Takes `:port` off an entry; false if it names another one. An IPv6 address has its port behind
// brackets alone.
bool takes_port(std::string_view& entry, unsigned port) {
  const auto colon = entry.rfind(':');
  if (colon == std::string_view::npos) return true;
  const bool only_one = entry.find(':') == colon;
  if (!only_one && (!entry.starts_with('[') || entry[colon - 1] != ']')) return true;
  const auto number = base::parse_number(entry.substr(colon + 1));
  if (!number || *number != port) return false;
  entry = entry.substr(0, colon);
  return true;
}

}  // namespace

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, unsigned port) {
  if (no_proxy == "*") return true;
  host = without_brackets(host);
  const auto address = parse_address(host);
  const std::string_view name = without_last_dot(host);
  while (!no_proxy.empty()) {
    const auto end = no_proxy.find_first_of(", \t");
    std::string_view entry = no_proxy.substr(0, end);
    no_proxy.remove_prefix(end == std::string_view::npos ? no_proxy.size() : end + 1);
    if (entry.empty() || !takes_port(entry, port)) continue;
    if (address ? in_network(*address, entry) : covers(entry, name)) return true;
  }
  return false;
}

}  // namespace ccrelay::upstream
