#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <optional>
#include <string>

namespace ccrelay::server {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(WallTime time);

/// The head with a `Date`, where it has none: an answer of our own says when it was made, one that
/// is passed on when it came (RFC 9110 section 6.6.1). Empty: it has one already.
std::optional<ResponseHead> dated(const ResponseHead& head, const Clock& clock);

}  // namespace ccrelay::server
