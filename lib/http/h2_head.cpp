#include "http/h2_head.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "http/h1_grammar.hpp"

namespace ccrelay::http {
namespace {

constexpr std::size_t field_overhead_bytes = 32;

// In target form, as HTTP/1.1 would have it (RFC 9112 section 3.2): whoever is behind knows no
// other.
std::optional<Refusal> check_path(const RequestHead& head) {
  const std::string& target = head.target;
  if (target == "*") {
    if (head.method == "OPTIONS") return {};
    return Refusal{400, "only OPTIONS may ask for *"};
  }
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), is_target_char)) {
    return Refusal{400, "the request's :path is no path"};
  }
  if (!is_well_escaped(target)) {
    return Refusal{400, "the request's :path has a % without two hexadecimal digits, or %00"};
  }
  return {};
}

}  // namespace

void H2Head::add(std::string_view name, std::string_view value) {
  if (!name.starts_with(':')) ++count_;
  bytes_ += name.size() + value.size() + field_overhead_bytes;
  if (too_large()) return;
  if (name == ":method") {
    head_.method = value;
  } else if (name == ":path") {
    head_.target = value;
  } else if (name == ":authority") {
    authority_ = value;
  } else if (name == "cookie") {
    // One field for whoever knows HTTP/1.1 only (RFC 9113 section 8.2.3). Empty ones say nothing,
    // and would leave blanks around it.
    if (value.empty()) return;
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
  } else if (!name.starts_with(':')) {
    head_.headers.add(name, value);
  }
}

Refusal H2Head::too_large_refusal() const {
  Refusal out = size_refusal();
  out.path = head_.path();
  return out;
}

Refusal H2Head::size_refusal() const {
  if (count_ > count_max_) {
    return {431, "the request has more than " + std::to_string(count_max_) +
                     " headers (server.max_headers)"};
  }
  return {431, "the request's headers exceed " + std::to_string(bytes_max_) +
                   " bytes (server.max_header_bytes)"};
}

std::optional<Refusal> H2Head::finish(RequestHead& head) {
  if (too_large()) return too_large_refusal();
  if (auto refusal = check()) {
    refusal->path = head_.path();
    return refusal;
  }
  // RFC 9113 section 8.3.1: what was :authority is Host for everybody behind.
  if (!authority_.empty()) head_.headers.set("host", authority_);
  if (!cookies_.empty()) head_.headers.add("cookie", cookies_);
  head = std::move(head_);
  return {};
}

std::optional<Refusal> H2Head::check() const {
  if (head_.method == "CONNECT") return Refusal{405, "CONNECT is not offered here"};
  const std::string& method = head_.method;
  if (method.empty() || !std::all_of(method.begin(), method.end(), is_token_char)) {
    return Refusal{400, "the request's method is no token"};
  }
  for (std::size_t i = 0; i < head_.headers.size(); ++i) {
    const std::string_view value = head_.headers[i].value;
    // RFC 9113 section 8.2.1. nghttp2 itself is as strict since 1.49.
    if (base::trim(value) != value) {
      return Refusal{400, "a header's value begins or ends with a blank"};
    }
    if (head_.headers.known_name(i) == base::HeaderName::expect && !value.empty() &&
        !base::iequals(value, "100-continue")) {
      return Refusal{417, "the only expectation understood is 100-continue"};
    }
  }
  const auto host = head_.headers.get(base::HeaderName::host);
  // RFC 9113 section 8.3.1, and section 10.3 for what an intermediary makes of it.
  if (host && !authority_.empty() && !base::iequals(*host, authority_)) {
    return Refusal{400, "the request's :authority and Host differ"};
  }
  const std::string_view authority = authority_.empty() ? host.value_or("") : authority_;
  if (authority.empty()) return Refusal{400, "the request needs an :authority or a Host"};
  if (!is_authority(authority)) {
    return Refusal{400, "the request's :authority is no host and port"};
  }
  return check_path(head_);
}

}  // namespace ccrelay::http
