#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::identity {

/// The parts of an http or https URL that say where a request goes.
struct Url {
  bool tls = false;
  std::string host;       ///< without port; IPv6 in brackets
  std::string origin;     ///< scheme, host and port
  std::string authority;  ///< host and port as a Host field has it: without a scheme's own port
  std::string display;    ///< origin and path: what an error may show (a query can hold secrets)
};

/// Stricter than RFC 3986: no user information, and nothing in the host that some reader could take
/// for the end of it. What is accepted here means the same to curl.
std::optional<Url> parse_url(std::string_view url);

/// This machine: 127.0.0.0/8, ::1 and the name localhost (RFC 6761 section 6.3).
bool is_loopback(const Url& url);
/// 169.254.0.0/16 (RFC 3927).
bool is_link_local(const Url& url);

/// A base without the slashes at its end.
std::string without_slash(std::string base);

/// `name=value` pairs for a form or a query, percent-encoded (RFC 3986 section 2.3).
class Form {
 public:
  Form& add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};
std::string percent_encoded(std::string_view text);

}  // namespace ccrelay::identity
