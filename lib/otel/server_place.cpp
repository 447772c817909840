#include "otel/server_place.hpp"

#include "base/ascii.hpp"

namespace ccrelay::otel {

ServerPlace place_of(std::string_view url) {
  ServerPlace place;
  place.is_tls = base::istarts_with(url, "https://");
  if (!place.is_tls && !base::istarts_with(url, "http://")) return place;
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  place.port = place.is_tls ? 443 : 80;
  const auto colon = url.rfind(':');
  if (colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos) {
    place.port = static_cast<int>(base::parse_number(url.substr(colon + 1)).value_or(0));
    url = url.substr(0, colon);
  }
  if (url.starts_with('[') && url.ends_with(']')) url = url.substr(1, url.size() - 2);
  place.host = url;
  return place;
}

bool ServerPlace::is_loopback() const {
  return base::iequals(host, "localhost") || host.starts_with("127.") || host == "::1";
}

}  // namespace ccrelay::otel
