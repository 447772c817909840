#include "http/h1_head_rules.hpp"

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "http/h1_grammar.hpp"

namespace ccrelay::http {
namespace {

Refusal nothing() {
  return {0, {}};
}

// RFC 9112 section 6.1 and 6.3: unless chunked is the last coding, and there once, nobody knows
// where the body ends.
Refusal check_codings(const Headers& headers) {
  std::size_t codings = 0, chunked = 0;
  bool last_is_chunked = false;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != base::HeaderName::transfer_encoding) continue;
    std::string_view rest = headers[i].value;
    for (bool more = true; more;) {
      const auto comma = rest.find(',');
      more = comma != std::string_view::npos;
      last_is_chunked = base::iequals(base::trim(rest.substr(0, comma)), "chunked");
      ++codings;
      chunked += last_is_chunked;
      if (more) rest.remove_prefix(comma + 1);
    }
  }
  if (!last_is_chunked || chunked > 1) {
    return {400, "Transfer-Encoding must end with chunked, and name it once"};
  }
  if (codings > 1) return {501, "the only Transfer-Encoding understood is chunked"};
  return nothing();
}

Refusal check_target(RequestHead& head) {
  std::string& target = head.target;
  // RFC 9112 section 3.2.4.
  if (target == "*") {
    if (head.method == "OPTIONS") return nothing();
    return {400, "only OPTIONS may ask for *"};
  }
  if (!is_well_escaped(target)) {
    return {400, "the request target has a % without two hexadecimal digits, or %00"};
  }
  if (target.starts_with('/')) return nothing();
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!base::istarts_with(target, scheme)) continue;
    const auto end = target.find_first_of("/?", scheme.size());
    const std::string authority = target.substr(scheme.size(), end - scheme.size());
    if (!is_authority(authority)) return {400, "the request target has no valid host"};
    std::string origin = end == std::string::npos ? std::string() : target.substr(end);
    if (!origin.starts_with('/')) origin.insert(0, 1, '/');
    target = std::move(origin);
    head.headers.set("host", authority);
    return nothing();
  }
  return {400, "the request target is neither a path nor an http URL"};
}

}  // namespace

Refusal settle_head(RequestHead& head) {
  if (head.method == "CONNECT") return {405, "CONNECT is not offered here"};
  std::size_t hosts = 0, lengths = 0, encodings = 0;
  for (std::size_t i = 0; i < head.headers.size(); ++i) {
    const base::HeaderName name = head.headers.known_name(i);
    hosts += name == base::HeaderName::host;
    lengths += name == base::HeaderName::content_length;
    encodings += name == base::HeaderName::transfer_encoding;
    if (name != base::HeaderName::expect) continue;
    const std::string_view expectation = head.headers[i].value;
    if (!expectation.empty() && !base::iequals(expectation, "100-continue")) {
      return {417, "the only expectation understood is 100-continue"};
    }
  }
  // RFC 9112 section 6.1: such a message may be an attempt at request smuggling.
  if (lengths > 0 && encodings > 0) {
    return {400, "the request has both Content-Length and Transfer-Encoding"};
  }
  if (lengths > 1) return {400, "the request has several Content-Length headers"};
  if (encodings > 0 && head.version_minor == 0) return {400, "HTTP/1.0 has no Transfer-Encoding"};
  if (encodings > 0) {
    if (Refusal refusal = check_codings(head.headers); refusal.status != 0) return refusal;
  }
  // RFC 9112 section 3.2.
  if (hosts > 1 || (hosts == 0 && head.version_minor == 1)) {
    return {400, "the request needs exactly one Host header"};
  }
  const auto host = head.headers.get(base::HeaderName::host);
  if (host && !host->empty() && !is_authority(*host)) {
    return {400, "the Host header is no host with or without a port"};
  }
  return check_target(head);
}

bool asks_to_persist(const RequestHead& head) {
  bool persist = head.version_minor > 0;
  for (std::size_t i = 0; i < head.headers.size(); ++i) {
    if (head.headers.known_name(i) != base::HeaderName::connection) continue;
    if (base::has_token(head.headers[i].value, "close")) return false;
    if (base::has_token(head.headers[i].value, "keep-alive")) persist = true;
  }
  return persist;
}

}  // namespace ccrelay::http
