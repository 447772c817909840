#include "http/header_rules.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace ccrelay::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array hop_by_hop{"connection"sv,
                                "keep-alive"sv,
                                "proxy-authenticate"sv,
                                "proxy-authorization"sv,
                                "proxy-connection"sv,
                                "te"sv,
                                "trailer"sv,
                                "transfer-encoding"sv,
                                "upgrade"sv};

// Credentials are the relay's business; the trails say who the client is; the rest is made anew for
// the connection to the provider.
constexpr std::array not_for_providers{
    "authorization"sv,  "x-api-key"sv, "cookie"sv,    "host"sv,
    "content-length"sv, "expect"sv,    "forwarded"sv, "via"sv,
    "x-real-ip"sv,      "origin"sv,    "referer"sv,   "accept-encoding"sv};
constexpr std::array prefixes_not_for_providers{"x-forwarded-"sv, "sec-"sv, "x-cc-relay-"sv,
                                                "proxy-"sv};

template <class List>
bool among(const List& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view entry) { return base::iequals(entry, name); });
}

// Whether a `Connection` says more than the two words that name no header, as hardly any does.
bool connection_names_headers(const Headers& headers) {
  for (const Header header : headers) {
    if (base::iequals(header.name, "connection") && !base::iequals(header.value, "keep-alive") &&
        !base::iequals(header.value, "close"))
      return true;
  }
  return false;
}

bool named_by_connection(const Headers& headers, std::string_view name) {
  for (const Header header : headers) {
    if (base::iequals(header.name, "connection") && base::has_token(header.value, name)) {
      return true;
    }
  }
  return false;
}

bool lengths_agree(const Headers& headers) {
  const auto first = headers.get("content-length");
  for (const Header header : headers) {
    if (base::iequals(header.name, "content-length") && header.value != *first) return false;
  }
  return true;
}

}  // namespace

Headers forwardable_request_headers(const Headers& from_client) {
  Headers out;
  out.reserve_for(from_client);
  const bool names_some = connection_names_headers(from_client);
  for (const Header header : from_client) {
    const bool dropped =
        among(hop_by_hop, header.name) || among(not_for_providers, header.name) ||
        std::any_of(prefixes_not_for_providers.begin(), prefixes_not_for_providers.end(),
                    [&](std::string_view p) { return base::istarts_with(header.name, p); }) ||
        (names_some && named_by_connection(from_client, header.name));
    if (!dropped) out.add(header.name, header.value);
  }
  return out;
}

Headers forwardable_response_headers(const Headers& from_provider, bool body_unchanged) {
  Headers out;
  out.reserve_for(from_provider);
  const bool names_some = connection_names_headers(from_provider);
  // RFC 9112 section 6.3: with Transfer-Encoding a length means nothing, and neither do two.
  const bool keeps_length = body_unchanged && !from_provider.contains("transfer-encoding") &&
                            lengths_agree(from_provider);
  for (const Header header : from_provider) {
    if (among(hop_by_hop, header.name) || base::iequals(header.name, "x-request-id")) continue;
    if (base::iequals(header.name, "content-length") &&
        (!keeps_length || out.contains("content-length"))) {
      continue;
    }
    if (names_some && named_by_connection(from_provider, header.name)) continue;
    out.add(header.name, header.value);
  }
  return out;
}

}  // namespace ccrelay::http
