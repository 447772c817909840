#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::config {

/// Where to listen; `host` is without brackets, and empty for all addresses.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path = {};  ///< instead of both
};

/// The bits of an octal mode such as 0660; empty when it is none.
std::optional<unsigned> parse_mode(std::string_view text);

/// `host:port`, `[v6]:port`, `:port` or `unix:/path`; empty when it is none of these.
std::optional<ListenAddress> parse_listen(std::string_view text);

/// A name of a machine, or an IPv4 address, as it may stand in a URL.
bool is_host_name(std::string_view host);

/// Host, without brackets, and port of an http:// or https:// URL; empty when it is none.
std::optional<ListenAddress> parse_url_place(std::string_view url);

/// Whether only this machine can reach it.
bool is_loopback(const ListenAddress& address);

/// What is wrong with an http:// or https:// address to send requests to, to follow the key's path;
/// empty when nothing is. `with_login` allows `user:password@`. Never quotes a login.
std::string problem_of_url(std::string_view url, bool with_login);

/// The URL with its login, if it has one, as `***`.
std::string masked_url(std::string_view url);

}  // namespace ccrelay::config
