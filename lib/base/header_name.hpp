#pragma once

#include <ccrelay/http.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ccrelay::base {

/// The names of header fields that anything in the relay depends on. Headers notes of each field
/// which of them it has, so that what is done with a field is a look-up instead of comparing texts.
enum class HeaderName : std::uint8_t {
  other,
  accept_encoding,
  anthropic_beta,
  anthropic_version,
  api_key,
  authorization,
  connection,
  content_encoding,
  content_length,
  content_type,
  cookie,
  date,
  expect,
  forwarded,
  host,
  keep_alive,
  origin,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  referer,
  request_id,
  retry_after,
  retry_after_ms,
  session_id,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  via,
  x_api_key,
  x_claude_code_agent_id,
  x_claude_code_parent_agent_id,
  x_claude_code_session_id,
  x_goog_api_key,
  x_real_ip,
  x_request_id,
  x_session_id,
};

/// What becomes of a field with such a name.
enum HeaderFlag : std::uint8_t {
  /// It is about one connection (RFC 9110 section 7.6.1), and goes no further.
  hop_by_hop = 1,
  /// Credentials are the relay's business; the trails say who the client is; the rest is made anew
  /// for the connection to the provider.
  not_for_providers = 2,
  /// The relay has its own.
  not_for_clients = 4,
  /// HTTP/2 has no such thing (RFC 9113 section 8.2.2).
  only_http_1 = 8,
  /// Says where a request to a provider goes and where it ends: written by whoever sends it.
  sender_writes = 16,
};

struct KnownHeader {
  HeaderName name;
  std::string_view text;
  std::uint8_t flags = 0;
};

/// In the order of HeaderName, beginning with `other`.
inline constexpr std::array known_headers{
    KnownHeader{HeaderName::other, ""},
    KnownHeader{HeaderName::accept_encoding, "accept-encoding", not_for_providers},
    KnownHeader{HeaderName::anthropic_beta, "anthropic-beta"},
    KnownHeader{HeaderName::anthropic_version, "anthropic-version"},
    KnownHeader{HeaderName::api_key, "api-key", not_for_providers},
    KnownHeader{HeaderName::authorization, "authorization", not_for_providers},
    KnownHeader{HeaderName::connection, "connection", hop_by_hop | only_http_1},
    KnownHeader{HeaderName::content_encoding, "content-encoding"},
    KnownHeader{HeaderName::content_length, "content-length", not_for_providers | sender_writes},
    KnownHeader{HeaderName::content_type, "content-type"},
    KnownHeader{HeaderName::cookie, "cookie", not_for_providers},
    KnownHeader{HeaderName::date, "date"},
    KnownHeader{HeaderName::expect, "expect", not_for_providers | sender_writes},
    KnownHeader{HeaderName::forwarded, "forwarded", not_for_providers},
    KnownHeader{HeaderName::host, "host", not_for_providers | sender_writes},
    KnownHeader{HeaderName::keep_alive, "keep-alive", hop_by_hop | only_http_1},
    KnownHeader{HeaderName::origin, "origin", not_for_providers},
    KnownHeader{HeaderName::proxy_authenticate, "proxy-authenticate", hop_by_hop},
    KnownHeader{HeaderName::proxy_authorization, "proxy-authorization", hop_by_hop},
    KnownHeader{HeaderName::proxy_connection, "proxy-connection", hop_by_hop | only_http_1},
    KnownHeader{HeaderName::referer, "referer", not_for_providers},
    KnownHeader{HeaderName::request_id, "request-id"},
    KnownHeader{HeaderName::retry_after, "retry-after"},
    KnownHeader{HeaderName::retry_after_ms, "retry-after-ms"},
    KnownHeader{HeaderName::session_id, "session-id"},
    KnownHeader{HeaderName::te, "te", hop_by_hop},
    KnownHeader{HeaderName::traceparent, "traceparent"},
    KnownHeader{HeaderName::tracestate, "tracestate"},
    KnownHeader{HeaderName::trailer, "trailer", hop_by_hop},
    KnownHeader{HeaderName::transfer_encoding, "transfer-encoding",
                hop_by_hop | only_http_1 | sender_writes},
    KnownHeader{HeaderName::upgrade, "upgrade", hop_by_hop | only_http_1},
    KnownHeader{HeaderName::user_agent, "user-agent"},
    KnownHeader{HeaderName::via, "via", not_for_providers},
    KnownHeader{HeaderName::x_api_key, "x-api-key", not_for_providers},
    KnownHeader{HeaderName::x_claude_code_agent_id, "x-claude-code-agent-id"},
    KnownHeader{HeaderName::x_claude_code_parent_agent_id, "x-claude-code-parent-agent-id"},
    KnownHeader{HeaderName::x_claude_code_session_id, "x-claude-code-session-id"},
    KnownHeader{HeaderName::x_goog_api_key, "x-goog-api-key", not_for_providers},
    KnownHeader{HeaderName::x_real_ip, "x-real-ip", not_for_providers},
    KnownHeader{HeaderName::x_request_id, "x-request-id", not_for_clients},
    KnownHeader{HeaderName::x_session_id, "x-session-id"},
};

/// Whether one of these flags is set.
constexpr bool has_flag(HeaderName name, unsigned flags) {
  return (known_headers[static_cast<std::size_t>(name)].flags & flags) != 0;
}

/// Which of them this is, in whatever case; HeaderName::other if none.
HeaderName header_name(std::string_view text);

}  // namespace ccrelay::base
