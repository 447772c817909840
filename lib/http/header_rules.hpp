#pragma once

#include <ccrelay/http.hpp>

namespace ccrelay::http {

/// The client's headers that may go on to a provider: all end-to-end ones, as an open list, without
/// credentials, cookies, proxy trails and what belongs to one connection (RFC 9110 section 7.6.1).
Headers forwardable_request_headers(const Headers& from_client);

/// A provider's headers that go on to the client: a list of those that say something of the answer,
/// of limits or of the request (docs/api.md), since what speaks of the provider's own host would be
/// taken for the relay's. X-Request-ID is the relay's own. Content-Length stays when the body goes
/// through unchanged.
Headers forwardable_response_headers(const Headers& from_provider, bool body_unchanged);

}  // namespace ccrelay::http
