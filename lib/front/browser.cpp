#include "front/browser.hpp"

#include <string_view>

#include "base/ascii.hpp"
#include "base/header_name.hpp"

namespace ccrelay::front {
namespace {

// The host of `host`, `host:port` or `[v6]:port`.
bool is_this_machine(std::string_view authority) {
  if (authority.starts_with('[')) return authority.starts_with("[::1]");
  const std::string_view host = authority.substr(0, authority.find(':'));
  return base::iequals(host, "localhost") || host == "127.0.0.1";
}

bool is_foreign_origin(std::string_view origin) {
  if (base::iequals(origin, "null")) return true;  // of a sandboxed frame or a redirect
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (base::istarts_with(origin, scheme)) return !is_this_machine(origin.substr(scheme.size()));
  }
  return false;  // an extension or a desktop program
}

}  // namespace

bool comes_from_foreign_page(const Headers& headers) {
  const auto origin = headers.get(base::HeaderName::origin);
  if (origin && is_foreign_origin(*origin)) return true;
  // Without Origin a page of the same origin may be meant, whose name was rebound to this machine.
  const auto site = headers.get("sec-fetch-site");
  if (!site || base::iequals(*site, "none")) return false;
  if (!base::iequals(*site, "same-origin")) return !origin;
  return !is_this_machine(headers.get(base::HeaderName::host).value_or(""));
}

}  // namespace ccrelay::front
