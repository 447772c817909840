#include "http/h2_head.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"

namespace ccrelay::http {
namespace {

constexpr std::size_t field_overhead_bytes = 32;

// A token of RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

}  // namespace

void H2Head::add(std::string_view name, std::string_view value) {
  if (too_large()) return;
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
  return {431, "the request's headers exceed " + std::to_string(bytes_max_) +
                   " bytes (server.max_header_bytes)"};
}

std::optional<Refusal> H2Head::finish(RequestHead& head) {
  if (too_large()) return too_large_refusal();
  if (auto refusal = check()) return refusal;
  // RFC 9113 section 8.3.1: what was :authority is Host for everybody behind.
  if (!authority_.empty()) head_.headers.set("host", authority_);
  if (!cookies_.empty()) head_.headers.add("cookie", cookies_);
  head = std::move(head_);
  return {};
}

std::optional<Refusal> H2Head::check() const {
  if (head_.method == "CONNECT") return Refusal{405, "CONNECT is not offered here"};
  if (!is_token(head_.method)) return Refusal{400, "the request's method is no token"};
  const std::string& target = head_.target;
  if (has_blank_or_control(target) || (target != "*" && !target.starts_with('/'))) {
    return Refusal{400, "the request's :path is no path"};
  }
  const auto host = head_.headers.get("host");
  // RFC 9113 section 8.3.1, and section 10.3 for what an intermediary makes of it.
  if (host && !authority_.empty() && !base::iequals(*host, authority_)) {
    return Refusal{400, "the request's :authority and Host differ"};
  }
  const std::string_view authority = authority_.empty() ? host.value_or("") : authority_;
  if (authority.empty()) return Refusal{400, "the request needs an :authority or a Host"};
  if (has_blank_or_control(authority) || authority.find_first_of("@/?#") != authority.npos) {
    return Refusal{400, "the request's :authority is no host and port"};
  }
  return {};
}

}  // namespace ccrelay::http
