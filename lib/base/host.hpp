#pragma once

#include <netinet/in.h>

#include <optional>
#include <string_view>

namespace ccrelay::base {

/// `localhost`, another of its names, or a name below it (RFC 6761 section 6.3), in any case, with
/// or without the dot at its end.
bool is_loopback_name(std::string_view host);

/// An address in any spelling that getaddrinfo() takes for one (127.1, 0x7f000001, ::1), without
/// brackets, with or without a zone; IPv4 as mapped into IPv6 (RFC 4291 section 2.5.5.2).
std::optional<in6_addr> host_ip(std::string_view host);

/// The host of `host`, `host:port`, `[v6]` or `[v6]:port`, without brackets.
std::string_view host_of(std::string_view authority);

/// Without the dot that may end a name.
std::string_view without_final_dot(std::string_view host);

}  // namespace ccrelay::base
