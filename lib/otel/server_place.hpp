#pragma once

#include <string>
#include <string_view>

namespace ccrelay::otel {

/// Host and port of a URL: `https://[::1]:8443/path` is `::1` and 8443. The scheme's port where
/// none is told; an empty host where it is no URL of HTTP's.
struct ServerPlace {
  std::string host;
  int port = 0;
  bool is_tls = false;

  /// This very machine.
  bool is_loopback() const;
};
ServerPlace place_of(std::string_view url);

}  // namespace ccrelay::otel
