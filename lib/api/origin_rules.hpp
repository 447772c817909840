#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::api {

/// How the management is reached over TCP.
struct House {
  const std::vector<std::string>& allowed_hosts;  ///< manage.allowed_hosts
  const std::string& listen;                      ///< manage.listen
  /// Where it is bound, as `127.0.0.1:9091` or `[::]:9091`.
  const std::vector<std::string>& addresses;
  bool tls = false;
};

/// Why a request must not be looked at any further, because a web page may be behind it that is not
/// the management's own; empty when it may. It comes to a name that somebody else can have pointed
/// at this machine (DNS rebinding), or a browser says that another site has made it (Fetch standard
/// "Origin" header; W3C Fetch Metadata). Programs send neither Origin nor Sec-Fetch-Site.
std::string foreign_page(const House& house, const Headers& headers);

}  // namespace ccrelay::api
