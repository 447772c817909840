#pragma once

#include <ccrelay/http.hpp>

namespace ccrelay::http {

/// The client's headers that may go on to a provider: all end-to-end ones, as an open list, without
/// credentials, cookies, proxy trails and what belongs to one connection (RFC 9110 section 7.6.1).
Headers forwardable_request_headers(const Headers& from_client);

/// A provider's headers that go on to the client: all but hop-by-hop ones and framing; X-Request-ID
/// is the relay's own. Content-Length stays when the body goes through unchanged.
Headers forwardable_response_headers(const Headers& from_provider, bool body_unchanged);

}  // namespace ccrelay::http
