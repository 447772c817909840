#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::server {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(WallTime time);

/// The field `Date`, name and line break included, for an answer that has none: one of our own says
/// when it was made, one that is passed on when it came (RFC 9110 section 6.6.1). Empty where it
/// has one. Valid until the thread asks again.
std::string_view date_line(const ResponseHead& head, const Clock& clock);

/// The head with that field; empty where it has one already.
std::optional<ResponseHead> dated(const ResponseHead& head, const Clock& clock);

}  // namespace ccrelay::server
