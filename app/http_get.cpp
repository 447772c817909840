#include "http_get.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <simdjson.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "tls_call.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t answer_bytes_max = 1 << 20;
using Deadline = std::chrono::steady_clock::time_point;

struct Address {
  std::vector<std::string> hosts;  // to try in this order
  std::string port;
};

// False, with errno, when the deadline has passed.
bool wait_for(int socket, short events, Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  struct pollfd ready = {socket, events, 0};
  if (left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0) return true;
  errno = ETIMEDOUT;
  return false;
}

// Closes a socket when it goes out of scope.
class Socket {
 public:
  explicit Socket(int number) : number_(number) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Error network_error(const std::string& listen, std::string_view what) {
  return {ErrorCode::network, fmt::format("{}: {}", listen, what)};
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

Result<Address> reachable(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon + 1 == listen.size()) {
    return Error{ErrorCode::config, fmt::format("{} is not an address and a port", listen)};
  }
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  Address address{{host}, listen.substr(colon + 1)};
  if (host.empty()) address.hosts = {"127.0.0.1", "::1"};
  if (host == "0.0.0.0") address.hosts = {"127.0.0.1"};
  if (host == "::") address.hosts = {"::1", "127.0.0.1"};
  return address;
}

// A descriptor, or -1 with errno.
int connect_to(const addrinfo& to, Deadline deadline) {
  const int number = ::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (number < 0) return -1;
  if (::connect(number, to.ai_addr, to.ai_addrlen) == 0) return number;
  int error = errno;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    if (!wait_for(number, POLLOUT, deadline)) {
      error = errno;
    } else {
      ::getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  if (error == 0) return number;
  ::close(number);
  errno = error;
  return -1;
}

int connect_to_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  path.copy(address.sun_path, path.size());
  const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) return -1;
  if (::connect(number, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(number);
    errno = error;
    return -1;
  }
  ::fcntl(number, F_SETFL, O_NONBLOCK);
  return number;
}

int connect_to(const Address& address, Deadline deadline) {
  int error = EHOSTUNREACH;
  for (const std::string& host : address.hosts) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), address.port.c_str(), &hints, &found) != 0) continue;
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      const int number = connect_to(*each, deadline);
      if (number >= 0) return number;
      error = errno;
    }
  }
  errno = error;
  return -1;
}

bool send_all(const Socket& socket, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR &&
               (errno != EAGAIN || !wait_for(socket.number(), POLLOUT, deadline))) {
      return false;
    }
  }
  return true;
}

// Everything up to the end of the connection.
bool receive_all(const Socket& socket, std::string& bytes, Deadline deadline) {
  char part[4096];
  while (bytes.size() < answer_bytes_max) {
    const ssize_t count = ::recv(socket.number(), part, sizeof part, 0);
    if (count == 0) return true;
    if (count > 0) {
      bytes.append(part, static_cast<std::size_t>(count));
    } else if (errno != EINTR &&
               (errno != EAGAIN || !wait_for(socket.number(), POLLIN, deadline))) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<std::string> local_url(const RelayPlace& place) {
  if (place.is_unix()) {
    return Error{ErrorCode::config,
                 fmt::format("{} is a Unix socket, which has no URL that a client could be given; "
                             "listen on an address and a port (server.listen)",
                             place.listen)};
  }
  const Result<Address> address = reachable(place.listen);
  if (!address) return address.error();
  const std::string& host = address->hosts.front();
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", place.tls.enabled() ? "https" : "http", v6 ? "[" : "", host,
                     v6 ? "]" : "", address->port);
}

Result<HttpAnswer> http_get(const RelayPlace& place, const std::string& path,
                            std::chrono::milliseconds timeout, const std::string& token) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  const std::string& listen = place.listen;
  std::string host = "relay";
  int number = -1;
  if (place.is_unix()) {
    number = connect_to_unix(listen.substr(5));
  } else {
    const Result<Address> address = reachable(listen);
    if (!address) return address.error();
    const std::string url = *local_url(place);
    host = url.substr(url.find("//") + 2);
    number = connect_to(*address, deadline);
  }
  const Socket socket(number);
  if (socket.number() < 0) return network_error(listen, reason(errno));

  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\n{}{}{}Connection: close\r\n\r\n", path, host,
      token.empty() ? "" : "Authorization: Bearer ", token, token.empty() ? "" : "\r\n");
  std::string bytes;
  if (place.tls.enabled()) {
    auto called =
        tls_call(socket.number(), request, place.tls.cert_file, deadline, answer_bytes_max);
    if (!called) return network_error(listen, called.error().message);
    bytes = *std::move(called);
  } else if (!send_all(socket, request, deadline) || !receive_all(socket, bytes, deadline)) {
    return network_error(listen, reason(errno));
  }
  HttpAnswer answer;
  const std::size_t body = bytes.find("\r\n\r\n");
  const std::size_t status = sizeof "HTTP/1.1";
  if (body == std::string::npos || bytes.compare(0, 7, "HTTP/1.") != 0 ||
      std::from_chars(bytes.data() + status, bytes.data() + body, answer.status).ec !=
          std::errc{}) {
    return network_error(listen, "what answers there does not speak HTTP/1.1");
  }
  answer.body = bytes.substr(body + 4);
  return answer;
}

Result<std::string> relay_health(const RelayPlace& place, std::chrono::milliseconds timeout) {
  const Result<HttpAnswer> answer = http_get(place, "/health", timeout);
  if (!answer) return answer.error();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view status;
  if (parser.parse(answer->body).get(root) != simdjson::SUCCESS ||
      root["status"].get(status) != simdjson::SUCCESS) {
    return network_error(place.listen, "what answers there is not cc-relay");
  }
  return std::string(status);
}

}  // namespace ccrelay::app
