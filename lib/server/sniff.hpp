#pragma once

#include <optional>
#include <string_view>

#include "server/connection.hpp"

namespace ccrelay::server {

/// The client's preface of HTTP/2 (RFC 9113 section 3.4) as far as no request of HTTP/1.1 can begin
/// with it: `PRI` is a method that RFC 9113 section 11.6 reserved for this.
inline constexpr std::string_view http2_preface_begin = "PRI * HTTP/2.0\r\n\r\n";

/// What a client speaks that began with these bytes; none as long as it may be either. Behind the
/// request line a preface that goes wrong is HTTP/2's to refuse.
inline std::optional<Protocol> protocol_of(std::string_view first) {
  if (first.starts_with(http2_preface_begin)) return Protocol::http2;
  if (http2_preface_begin.starts_with(first)) return std::nullopt;
  return Protocol::http1;
}

}  // namespace ccrelay::server
