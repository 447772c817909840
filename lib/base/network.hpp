#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace ccrelay::base {

/// An IP address; one of IPv4 as the IPv6 address that stands for it (`::ffff:192.0.2.1`, RFC 4291
/// section 2.5.5.2).
using IpAddress = std::array<unsigned char, 16>;

/// `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, with a zone or without. Not a host's name.
std::optional<IpAddress> parse_ip(std::string_view text);
/// The address of `192.0.2.1:4711` or `[2001:db8::1]:4711`, or of one without a port.
std::optional<IpAddress> parse_peer(std::string_view text);

/// A list of networks (RFC 4632 section 3.1), and whether clients of Unix sockets are in it.
class Networks {
 public:
  /// `10.0.0.0/8`, `2001:db8::/32`, a single address, or `unix`. False: it is none of these.
  bool add(std::string_view text);
  bool contains(const IpAddress& address) const;
  /// `peer` as streams tell it: address and port, or `unix`.
  bool contains_peer(std::string_view peer) const;
  bool empty() const { return networks_.empty() && !unix_; }

 private:
  struct Network {
    IpAddress address;
    unsigned bits;
  };
  std::vector<Network> networks_;
  bool unix_ = false;
};

}  // namespace ccrelay::base
