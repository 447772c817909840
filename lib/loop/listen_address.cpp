#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/ascii.hpp"
#include "loop/bound_socket.hpp"
#include "loop/tcp.hpp"

namespace ccrelay::loop {

std::string ListenAddress::text() const {
  if (is_unix()) return "unix:" + path;
  char host[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(port());
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
  ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
  return std::string(host) + ":" + std::to_string(port());
}

std::uint16_t ListenAddress::port() const {
  if (is_unix()) return 0;
  return ntohs(storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

ListenAddress ListenAddress::with_port(std::uint16_t port) const {
  ListenAddress other = *this;
  if (is_unix()) return other;
  if (storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(other.storage).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(other.storage).sin_port = htons(port);
  }
  return other;
}

Result<std::vector<ListenAddress>> resolve_listen(const std::string& listen) {
  if (listen.starts_with("unix:")) {
    ListenAddress address;
    address.path = listen.substr(5);
    if (address.is_unix()) return std::vector<ListenAddress>{std::move(address)};
  }
  const auto colon = listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  const auto number = base::parse_number(port);
  if (!number || *number > 65535) {
    return Error{ErrorCode::config,
                 "server.listen \"" + listen +
                     "\" is no address; expected host:port, [v6]:port, :port or unix:/path"};
  }
  std::string host = listen.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int code =
      ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (code != 0) {
    return Error{ErrorCode::config, "server.listen \"" + listen +
                                        "\": cannot resolve the host: " + gai_strerror(code)};
  }
  std::vector<ListenAddress> addresses;
  for (const addrinfo* it = found; it; it = it->ai_next) {
    ListenAddress address;
    std::memcpy(&address.storage, it->ai_addr, it->ai_addrlen);
    bool known = false;
    for (const auto& other : addresses) known = known || other.text() == address.text();
    if (!known) addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  return present_addresses(addresses);
}

std::vector<ListenAddress> present_addresses(const std::vector<ListenAddress>& addresses) {
  if (addresses.size() < 2) return addresses;
  std::vector<ListenAddress> present;
  for (const auto& address : addresses) {
    // Any free port: whether the one asked for is to be had is not the question.
    const int fd = bound_socket(address.with_port(0), false);
    if (fd >= 0) ::close(fd);
    if (fd != -EAFNOSUPPORT && fd != -EADDRNOTAVAIL) present.push_back(address);
  }
  return present.empty() ? addresses : present;
}

Result<ListenAddress> address_of_socket(int descriptor) {
  const auto refused = [descriptor](const std::string& why) {
    return Error{ErrorCode::config, "cannot listen on descriptor " + std::to_string(descriptor) +
                                        ", which was passed: " + why};
  };
  const auto option = [descriptor](int name) {
    int value = 0;
    socklen_t length = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : -errno;
  };
  const int type = option(SO_TYPE);
  if (type < 0) return refused(std::strerror(-type));
  if (type != SOCK_STREAM) return refused("it is no stream socket (ListenStream= in systemd)");
  ListenAddress address;
  address.listening = descriptor;
  address.inherited = true;
  socklen_t length = sizeof address.storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &length) != 0) {
    return refused(std::strerror(errno));
  }
  if (option(SO_ACCEPTCONN) == 0) {
    sockaddr_storage peer;
    socklen_t peer_length = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_length) == 0) {
      return refused("it is a connection and does not listen (Accept=no in systemd)");
    }
    if (::listen(descriptor, listen_backlog) != 0) return refused(std::strerror(errno));
  }
  const int family = address.storage.ss_family;
  if (family == AF_UNIX) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(address.storage);
    const std::size_t size = length - offsetof(sockaddr_un, sun_path);
    address.path.assign(local.sun_path, size);
    // An abstract name begins with a zero byte and is shown as ss(8) does.
    if (!address.path.empty() && address.path.front() == 0) {
      address.path.front() = '@';
    } else {
      address.path.resize(std::strlen(address.path.c_str()));
    }
    if (address.path.empty()) address.path = "(unnamed)";
    return address;
  }
  if (family != AF_INET && family != AF_INET6) return refused("it is neither of TCP nor of Unix");
  return address;
}

}  // namespace ccrelay::loop
