#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "upstream/client.hpp"

namespace ccrelay::upstream {

/// Where connections go and how: same host and port, same way there, same trust. What every request
/// to it has in common is worked out once. Immutable.
class Origin {
 public:
  explicit Origin(const Destination& destination);
  /// Two endpoints with the same key may share connections.
  static void write_key(std::string& key, const Destination& destination);

  /// Whether the destination's origin is the URL of an HTTP server.
  bool is_valid() const { return !host_.empty(); }
  const std::string& url() const { return url_; }
  /// The URL of the proxy, with its login; empty = direct.
  const std::string& proxy() const { return proxy_; }
  const std::string& ca_file() const { return ca_file_; }
  /// After the dial there is nothing between a request and the socket: neither TLS with the
  /// provider nor with a proxy.
  bool is_plain() const { return plain_; }

  /// The lines between the request line and the caller's headers: Host, and what a proxy wants that
  /// is asked in absolute form.
  const std::string& head_lines() const { return head_lines_; }
  /// How a request line names this URL, which must be one of this origin's (RFC 9112 section 3.2).
  std::optional<std::string_view> target(std::string_view url, std::string& scratch) const;

 private:
  void read_url();
  void read_proxy(const Destination& destination);

  std::string url_;
  std::string proxy_;
  std::string ca_file_;
  std::string host_;  // a name or an address
  unsigned port_ = 0;
  std::string head_lines_;
  bool tls_ = false;
  bool absolute_form_ = false;
  bool plain_ = false;
};

}  // namespace ccrelay::upstream
