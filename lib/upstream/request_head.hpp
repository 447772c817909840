#pragma once

#include <ccrelay/http.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::upstream {

/// The head of a request as it goes out. Copies `headers` but for Host and the framing, which is
/// ours (Content-Length, Transfer-Encoding, Expect), and names that are no token; line breaks
/// inside a value become blanks. `lines` come before them as they are, each with its line end.
std::string print_request_head(std::string_view method, std::string_view target,
                               std::string_view lines, const Headers& headers,
                               std::uint64_t body_bytes);

}  // namespace ccrelay::upstream
