#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/ascii.hpp"
#include "loop/port_holder.hpp"
#include "loop/tcp.hpp"

namespace ccrelay::loop {
namespace {

// After so many the turn goes on with what else there is: those that run are not kept waiting by a
// crowd that comes, and not all of a crowd is at the same stage, which takes the most memory.
constexpr int accepted_in_a_row = 64;

Error listen_error(const ListenAddress& address, int code) {
  std::string message = "cannot listen on " + address.text() + ": " + std::strerror(code);
  if (code == EADDRINUSE) {
    const std::string holder = port_holder(address.port());
    message = "cannot listen on " + address.text() + ": the port is in use" +
              (holder.empty() ? std::string() : " by " + holder) +
              "; stop that program or choose another port with server.listen or --listen";
  } else if (code == EACCES) {
    message += "; ports below 1024 need privileges";
  }
  return {ErrorCode::network, message};
}

// A socket bound to the address, or -errno.
int bound_socket(const ListenAddress& address, bool shared) {
  const auto& storage = address.storage;
  const int fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  // 0.0.0.0 and :: are both in the list for ":port"; without this the second would be in use.
  if (storage.ss_family == AF_INET6) {
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  const socklen_t length =
      storage.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
    const int code = errno;
    ::close(fd);
    return -code;
  }
  return fd;
}

}  // namespace

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

struct Acceptor::Block {
  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  Loop* loop;
  AcceptSink* sink;
  Rest* rest;
  int in_a_row;

  void accept() {
    ++in_a_row;
    if (auto accepted = SocketStream::accept(*loop, stream)) {
      sink->on_connection(std::move(accepted));
    }
  }
};

// Accepts on when the turn has ended.
class Acceptor::Rest final : public TurnTask {
 public:
  explicit Rest(Block& block) : TurnTask(*block.loop), block_(block) { block.rest = this; }

 private:
  void run_at_turn_end() override {
    block_.in_a_row = 0;
    block_.accept();
  }
  Block& block_;
};

Acceptor::Acceptor(Block* block, ListenAddress address)
    : block_(block), rest_(std::make_unique<Rest>(*block)), address_(std::move(address)) {}

Result<std::unique_ptr<Acceptor>> Acceptor::listen(Loop& loop, const ListenAddress& address,
                                                   bool shared, AcceptSink& sink) {
  std::optional<UnixSocketFile> file;
  int fd = -1;
  if (address.listening >= 0) {
    fd = ::fcntl(address.listening, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return listen_error(address, errno);
  } else if (address.is_unix()) {
    auto bound = bind_unix_socket(address.path, address.access);
    if (!bound) return bound.error();
    fd = bound->descriptor;
    file.emplace(std::move(bound->file));
  } else {
    fd = bound_socket(address, shared);
    if (fd < 0) return listen_error(address, -fd);
  }
  auto* block = new Block{};
  block->loop = &loop;
  block->sink = &sink;
  if (address.is_unix()) {
    uv_pipe_init(&loop.uv(), &block->pipe, 0);
  } else {
    uv_tcp_init(&loop.uv(), &block->tcp);
  }
  block->stream.data = block;
  std::unique_ptr<Acceptor> acceptor(new Acceptor(block, address));
  if (file) acceptor->file_.emplace(std::move(*file));
  const int opened =
      address.is_unix() ? uv_pipe_open(&block->pipe, fd) : uv_tcp_open(&block->tcp, fd);
  if (opened != 0) {
    ::close(fd);
    return listen_error(address, -opened);
  }
  if (address.is_unix()) {
    acceptor->address_.listening = fd;
  } else {
    int length = sizeof(acceptor->address_.storage);
    uv_tcp_getsockname(&block->tcp, reinterpret_cast<sockaddr*>(&acceptor->address_.storage),
                       &length);
  }
  const int code =
      uv_listen(&block->stream, listen_backlog, [](uv_stream_t* handle, int status) noexcept {
        auto* self = static_cast<Block*>(handle->data);
        if (status != 0 || !self->sink) return;
        const Callback here(*self->loop);
        if (self->in_a_row < accepted_in_a_row) {
          self->accept();
        } else {
          // libuv keeps this one, and looks for no other before it is accepted.
          self->rest->schedule();
        }
      });
  if (code != 0) return listen_error(address, -code);
  return acceptor;
}

Acceptor::~Acceptor() {
  block_->sink = nullptr;
  rest_.reset();
  file_.reset();  // while it is listened on it is nobody else's
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->stream),
           [](uv_handle_t* handle) noexcept { delete static_cast<Block*>(handle->data); });
}

}  // namespace ccrelay::loop
