#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

namespace ccrelay::sign {

/// The parts of a canonical request ("Create a signature for an AWS API request", step 1).

/// Percent-encodes every byte but the unreserved ones (RFC 3986 section 2.3) and slashes.
/// `normalize` takes out empty and dot segments first. What is encoded already is encoded once
/// more, which is what all services but S3 want.
std::string aws4_encoded_path(std::string_view path, bool normalize);
/// The path as it is sent, for S3; `normalize` as above.
std::string aws4_plain_path(std::string_view path, bool normalize);
/// Names and values encoded once, however they came, and sorted.
std::string aws4_query(std::string_view query);

struct Aws4Headers {
  std::string canonical;  ///< a line for each name, sorted, values trimmed and joined by commas
  std::string names;      ///< with semicolons between them
};
Aws4Headers aws4_headers(const Headers& headers);

/// Whether a field is one that hops on the way change or add, so that signing it would break the
/// signature: connection fields, tracing, user-agent, and the signature itself.
bool aws4_never_signed(std::string_view name);

}  // namespace ccrelay::sign
