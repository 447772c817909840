#include "inherited_sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace ccrelay::app {
namespace {

// SD_LISTEN_FDS_START
constexpr int first_descriptor = 3;
constexpr long sockets_max = 64;

std::optional<long> number_in_variable(const char* variable) {
  const char* const text = std::getenv(variable);
  if (!text) return std::nullopt;
  const std::string_view view(text);
  long number = -1;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
  const bool whole = error == std::errc() && end == view.data() + view.size();
  return whole ? number : -1;
}

std::string printed_address(int family, const void* address, std::uint16_t port) {
  char host[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, address, host, sizeof host);
  return family == AF_INET6 ? fmt::format("[{}]:{}", host, ntohs(port))
                            : fmt::format("{}:{}", host, ntohs(port));
}

}  // namespace

Result<std::vector<int>> take_inherited_sockets() {
  const auto count = number_in_variable("LISTEN_FDS");
  const auto process = number_in_variable("LISTEN_PID");
  for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES"}) {
    ::unsetenv(name);
  }
  // Another process's: what stands at the descriptors here is something else.
  if (!count || !process || *process != ::getpid()) return std::vector<int>();
  if (*count < 0 || *count > sockets_max) {
    return Error{ErrorCode::config,
                 fmt::format("LISTEN_FDS is no number of sockets from 0 to {}", sockets_max)};
  }
  std::vector<int> sockets;
  for (int socket = first_descriptor; socket < first_descriptor + *count; ++socket) {
    const int flags = ::fcntl(socket, F_GETFD);
    if (flags < 0) {
      return Error{ErrorCode::config,
                   fmt::format("LISTEN_FDS is {}, but descriptor {} is not open", *count, socket)};
    }
    ::fcntl(socket, F_SETFD, flags | FD_CLOEXEC);
    sockets.push_back(socket);
  }
  return sockets;
}

std::string socket_address(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return "";
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return printed_address(AF_INET, &v4.sin_addr, v4.sin_port);
  }
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    return printed_address(AF_INET6, &v6.sin6_addr, v6.sin6_port);
  }
  const char* const path = reinterpret_cast<const sockaddr_un&>(storage).sun_path;
  return fmt::format("unix:{}", *path ? path : "@");
}

}  // namespace ccrelay::app
