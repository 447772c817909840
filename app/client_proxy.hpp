#pragma once

#include <string>
#include <string_view>

namespace ccrelay::app {

/// What names a proxy.
inline constexpr std::string_view proxy_variables[] = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
                                                       "https_proxy", "ALL_PROXY",  "all_proxy"};

/// The list of hosts that no proxy is asked for, with that of `url`.
std::string with_host_of(const std::string& hosts, const std::string& url);

}  // namespace ccrelay::app
