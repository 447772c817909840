#pragma once

#include <string_view>

namespace ccrelay::upstream {

/// Whether a host is to be reached directly, by the rules libcurl has for CURLOPT_NOPROXY (7.88:
/// lib/noproxy.c): a list with commas or blanks between; `*` alone is every host; a name covers its
/// subdomains, with or without a dot before it; addresses may be networks, such as 10.0.0.0/8. And
/// by what Go adds to them (golang.org/x/net/http/httpproxy): `*.name` covers the subdomains alone,
/// and an entry with a port that port alone. `host` is a name or an address, IPv6 with or without
/// brackets; `port` where the request goes.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host, unsigned port);

}  // namespace ccrelay::upstream
