#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <string>

namespace ccrelay::app {

/// Sends `request` over TLS on a connected, non-blocking socket and reads the answer up to the end
/// of the connection. The other side must show the very certificate that `certificate_file` begins
/// with: it is this configuration's relay that is looked for, whatever names the certificate has.
/// The error is what went wrong, without the place.
Result<std::string> tls_call(int socket, const std::string& request,
                             const std::string& certificate_file,
                             std::chrono::steady_clock::time_point deadline,
                             std::size_t answer_bytes_max);

}  // namespace ccrelay::app
