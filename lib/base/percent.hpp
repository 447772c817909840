#pragma once

#include <string>
#include <string_view>

namespace ccrelay::base {

/// Percent-encoded octets decoded (RFC 3986 section 2.1); what is no valid triplet stays as it is.
std::string percent_decoded(std::string_view text);
/// One segment of a path: everything but unreserved characters (RFC 3986 section 2.3) and those in
/// `also` as triplets, so that `/` and `:` don't mean anything in it.
std::string percent_encoded(std::string_view text, std::string_view also = {});
/// Whether a path has a segment `.` or `..`, encoded or not: it would leave the place that it
/// seems to name (RFC 3986 section 5.2.4).
bool has_dot_segment(std::string_view path);

}  // namespace ccrelay::base
