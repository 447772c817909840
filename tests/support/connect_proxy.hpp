#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct uv_loop_s;

namespace ccrelay::testing {

/// An HTTP proxy that makes tunnels (CONNECT, RFC 9110 section 9.3.6), on the harness's loop and a
/// loopback port of its own. It knows only the hosts it was told of: all of them are here. For
/// proxied `http` providers a FakeProvider will do. Owned by the test; loop's thread; turn the loop
/// once more after destroying it.
class ConnectProxy final {
 public:
  explicit ConnectProxy(uv_loop_s& loop);
  ~ConnectProxy();
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  /// `http://127.0.0.1:PORT`, with `login@` if one is given.
  std::string url(const std::string& login = {}) const;
  /// A CONNECT to `target`, as `host:port`, reaches this port. To any other it is a 502.
  void map(const std::string& target, std::uint16_t port);
  /// Only this value of Proxy-Authorization is let through; to others it says 407.
  void require(const std::string& authorization);

  /// The heads it received, one for each tunnel asked for.
  const std::vector<std::string>& heads() const;
  /// All bytes that went through its tunnels towards the providers.
  const std::string& carried() const;
  std::size_t tunnels_made() const;

 private:
  class Tunnel;
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::testing
