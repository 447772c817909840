#include "config/address.hpp"

#include "base/ascii.hpp"
#include "config/words.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace ccrelay::config {
namespace {

bool is_unprintable(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f;
}

/// An IPv6 address, with a zone after `%` or without.
bool is_v6(std::string_view host) {
  // A zero byte would hide the rest from the C function below.
  if (std::any_of(host.begin(), host.end(), is_unprintable)) return false;
  in6_addr address;
  const std::string text(host.substr(0, host.find('%')));
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

struct Authority {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
  bool bracketed = false;
};

std::optional<Authority> split(std::string_view text) {
  Authority parts;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return std::nullopt;
    parts.host = text.substr(1, close - 1);
    parts.bracketed = true;
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') return std::nullopt;
  } else {
    parts.host = text.substr(0, text.find(':'));
    text.remove_prefix(parts.host.size());
  }
  parts.has_port = !text.empty();
  if (parts.has_port) parts.port = text.substr(1);
  return parts;
}

/// The scheme's end, or npos when it is not one of the two.
std::size_t authority_begin(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (base::istarts_with(url, scheme)) return scheme.size();
  }
  return url.npos;
}

}  // namespace

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::optional<ListenAddress> parse_url_place(std::string_view url) {
  const auto begin = authority_begin(url);
  if (begin == url.npos) return std::nullopt;
  auto authority = url.substr(begin);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  const auto parts = split(authority);
  if (!parts) return std::nullopt;
  const std::uint16_t usual = base::istarts_with(url, "https:") ? 443 : 80;
  const auto port = parts->has_port ? base::parse_number(parts->port) : usual;
  if (!port || *port > 65535) return std::nullopt;
  return ListenAddress{std::string(parts->host), static_cast<std::uint16_t>(*port)};
}

std::optional<unsigned> parse_mode(std::string_view text) {
  if (text.size() < 3 || text.size() > 4) return std::nullopt;
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  return mode <= 0777 ? std::optional(mode) : std::nullopt;
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
  if (text.starts_with("unix:")) {
    ListenAddress address;
    address.unix_path = text.substr(5);
    const bool usable = !address.unix_path.empty() && !address.unix_path.ends_with('/') &&
                        address.unix_path.find('\0') == std::string::npos;
    return usable ? std::optional(address) : std::nullopt;
  }
  const auto parts = split(text);
  if (!parts || !parts->has_port) return std::nullopt;
  const auto port = base::parse_number(parts->port);
  if (!port || *port > 65535) return std::nullopt;
  const bool valid =
      parts->bracketed ? is_v6(parts->host) : parts->host.empty() || is_host_name(parts->host);
  if (!valid) return std::nullopt;
  return ListenAddress{std::string(parts->host), static_cast<std::uint16_t>(*port)};
}

bool is_loopback(const ListenAddress& address) {
  if (!address.unix_path.empty()) return true;
  if (base::iequals(address.host, "localhost")) return true;
  in_addr v4;
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;  // 127.0.0.0/8
  }
  in6_addr v6;
  return inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string problem_of_url(std::string_view url, bool with_login) {
  const auto begin = authority_begin(url);
  const auto rest = begin == url.npos ? std::string_view{} : url.substr(begin);
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  // Anywhere, not only in the authority: a password with an unescaped "/" must not be shown either.
  const bool has_login = url.find('@') != url.npos;
  if (has_login && !with_login) {
    return " contains a login or an \"@\"; put the credential into [[providers.keys]] or "
           "[providers.headers]";
  }
  const std::string shown = has_login ? std::string{} : " " + in_quotes(url);
  if (begin == url.npos) return shown + " is not an http:// or https:// URL; begin it with one";
  if (std::any_of(url.begin(), url.end(), is_unprintable)) {
    return shown + " contains a blank or a character that is not ASCII; encode it";
  }
  if (rest.find_first_of("?#") != rest.npos) {
    return shown + " has a query or fragment; only scheme, host, port and path are allowed";
  }
  if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  const auto parts = split(authority);
  if (!parts || !(parts->bracketed ? is_v6(parts->host) : is_host_name(parts->host))) {
    return shown + " has no valid host; write it like https://host:port/path";
  }
  if (parts->has_port) {
    const auto port = base::parse_number(parts->port);
    if (!port || *port == 0 || *port > 65535) {
      return shown + " has no valid port; allowed: 1 to 65535";
    }
  }
  return {};
}

std::string masked_url(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == url.npos) return std::string(url);
  const auto scheme = url.find("://");
  const auto begin = scheme == url.npos || scheme > at ? 0 : scheme + 3;
  return std::string(url.substr(0, begin)) + "***" + std::string(url.substr(at));
}

}  // namespace ccrelay::config
