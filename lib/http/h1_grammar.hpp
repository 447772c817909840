#pragma once

#include <string_view>

#include "http/characters.hpp"

namespace ccrelay::http {

/// `host` or `host:port` with an IP address or a name and no user (RFC 3986 section 3.2, RFC 9110
/// section 4.2).
bool is_authority(std::string_view text);
/// Each % has two hexadecimal digits behind it that are not 00 (RFC 3986 sections 2.1 and 7.3).
bool is_well_escaped(std::string_view text);

}  // namespace ccrelay::http
