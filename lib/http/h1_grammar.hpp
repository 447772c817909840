#pragma once

#include <string_view>

namespace ccrelay::http {

/// A hexadecimal digit.
constexpr bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}
/// A character that names of headers and methods consist of (RFC 9110 section 5.6.2).
bool is_token_char(char c);
/// A character that may stand in a request target (RFC 3986 section 2). Also taken are the marks
/// that clients are known to send unescaped in queries: [ ] { } | ^.
bool is_target_char(char c);
/// Of a field value: no control but the tab (RFC 9110 section 5.5).
bool is_value_char(char c);

/// `host` or `host:port` with an IP address or a name and no user (RFC 3986 section 3.2, RFC 9110
/// section 4.2).
bool is_authority(std::string_view text);
/// Each % has two hexadecimal digits behind it that are not 00 (RFC 3986 sections 2.1 and 7.3).
bool is_well_escaped(std::string_view text);

}  // namespace ccrelay::http
