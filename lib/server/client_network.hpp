#pragma once

#include <string>
#include <string_view>

namespace ccrelay::server {

/// What a client's connections are counted by: its IPv4 address, or the first 64 bits of its IPv6
/// address, as `2001:db8::/64`. An IPv6 subscriber is given 64 bits to choose addresses from, or
/// more (RFC 4291 section 2.5.4, RFC 6177), so a single address is no limit to anybody. An IPv4
/// client of an IPv6 socket (`::ffff:203.0.113.7`), or one behind a translator with the well-known
/// prefix (`64:ff9b::203.0.113.7`), is one of IPv4.
/// `peer` is `address:port` or `[address]:port`; of anything else, such as the client of a Unix
/// socket, there is no network: empty.
std::string client_network(std::string_view peer);

}  // namespace ccrelay::server
