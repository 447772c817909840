#include "identity/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/ascii.hpp"

namespace ccrelay::identity {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_';
  });
}

bool is_v6(std::string_view host) {
  return host.size() > 3 && host.front() == '[' && host.back() == ']' &&
         host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") ==
             std::string_view::npos;
}

bool is_port(std::string_view port) {
  std::uint16_t value = 0;
  const char* end = port.data() + port.size();
  const auto [stop, failure] = std::from_chars(port.data(), end, value);
  return failure == std::errc() && stop == end && value != 0;
}

// Visible ASCII only: anything else in a URL is a mistake or an attempt.
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::optional<std::array<std::uint8_t, 4>> dotted_quad(std::string_view host) {
  std::array<std::uint8_t, 4> parts{};
  const char* at = host.data();
  const char* end = at + host.size();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [stop, failure] = std::from_chars(at, end, parts[i]);
    // A leading zero makes it octal to some.
    if (failure != std::errc() || (stop - at > 1 && *at == '0')) return std::nullopt;
    at = stop;
  }
  if (at != end) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<Url> parse_url(std::string_view url) {
  Url parsed;
  if (!is_visible(url)) return std::nullopt;
  parsed.tls = base::istarts_with(url, "https://");
  if (!parsed.tls && !base::istarts_with(url, "http://")) return std::nullopt;
  const std::size_t begin = parsed.tls ? 8 : 7;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const std::string_view authority = url.substr(begin, end - begin);
  std::string_view host = authority;
  // The colon of a port stands behind the bracket of an IPv6 address.
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    host = authority.substr(0, colon);
    if (!is_port(authority.substr(colon + 1))) return std::nullopt;
  }
  if (!is_name(host) && !is_v6(host)) return std::nullopt;
  if (url.find('#') != std::string_view::npos) return std::nullopt;
  parsed.host = base::lower(host);
  parsed.origin = url.substr(0, end);
  const std::string_view port = authority.substr(host.size());
  parsed.authority = port == (parsed.tls ? ":443" : ":80") ? host : authority;
  parsed.display = url.substr(0, std::min(url.find('?'), url.size()));
  return parsed;
}

bool is_loopback(const Url& url) {
  const auto quad = dotted_quad(url.host);
  return (quad && (*quad)[0] == 127) || url.host == "[::1]" || url.host == "localhost";
}

bool is_link_local(const Url& url) {
  const auto quad = dotted_quad(url.host);
  return quad && (*quad)[0] == 169 && (*quad)[1] == 254;
}

std::string without_slash(std::string base) {
  while (!base.empty() && base.back() == '/') base.pop_back();
  return base;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[(static_cast<unsigned char>(c) >> 4) & 15];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

Form& Form::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_ += percent_encoded(name);
  text_ += '=';
  text_ += percent_encoded(value);
  return *this;
}

}  // namespace ccrelay::identity
