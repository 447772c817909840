#pragma once

#include <string>
#include <string_view>

namespace ccrelay::base {

/// One way of writing a path: unreserved characters without percent-encoding, what stays encoded in
/// capitals, no `.` and `..` segments (RFC 3986 section 6.2.2); and, as many servers have it, no
/// empty segments and no slash at the end. Begins with a slash.
std::string normal_path(std::string_view path);

/// What the most careless of servers might read in a path: everything decoded until nothing is
/// encoded any more, backslashes as slashes, without parameters behind `;`, without what follows a
/// decoded `?` or `#`, without dots and blanks at a segment's end, in lower case. Never to be sent:
/// it tells whether a path could be taken for another one.
std::string careless_path(std::string_view path);

}  // namespace ccrelay::base
