#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

#include "base/network.hpp"

namespace ccrelay::front {

/// For whom a proxy that is trusted (server.trusted_proxies) has forwarded a request, by its
/// `X-Forwarded-For`, else `Forwarded` (RFC 7239), else `X-Real-IP`: of the addresses that stand
/// there the last that is no trusted proxy itself, since whatever stands before it the client may
/// have made up. For the log alone. Empty when `peer` is not trusted or nothing is said.
std::string forwarded_for(const Headers& headers, const base::Networks& trusted,
                          std::string_view peer);

}  // namespace ccrelay::front
