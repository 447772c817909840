#include "support/connect_proxy.hpp"

#include <uv.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "testing/uv_handle.hpp"

namespace ccrelay::testing {
namespace {

using Socket = UvHandle<uv_tcp_t>;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", port, &address);
  return address;
}

struct Write {
  uv_write_t request;
  std::string bytes;
};

// What cannot be written is lost with the connection; reading tells of that.
void write(Socket& to, std::string bytes) {
  auto write = std::make_unique<Write>();
  write->bytes = std::move(bytes);
  const uv_buf_t buffer =
      uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  const int status =
      uv_write(&write->request, to.stream(), &buffer, 1,
               [](uv_write_t* request, int) noexcept { delete reinterpret_cast<Write*>(request); });
  if (status == 0) write.release();
}

std::string answer(const char* status) {
  return std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

class ConnectProxy::Parts {
 public:
  explicit Parts(uv_loop_s& loop);

  void accept();
  void remove(Tunnel& tunnel);

  uv_loop_s& loop;
  Socket listener;
  std::uint16_t port = 0;
  std::map<std::string, std::uint16_t> ports;
  std::string authorization;
  std::vector<std::string> heads;
  std::string carried;
  std::size_t tunnels_made = 0;
  std::vector<std::unique_ptr<Tunnel>> tunnels;
};

/// A client's connection, and once it has asked for one the connection to the provider. Owned by
/// the proxy; gone when either side is.
class ConnectProxy::Tunnel {
 public:
  explicit Tunnel(Parts& proxy) : proxy_(proxy), client_(proxy.loop, &uv_tcp_init, this) {}

  bool start() {
    return uv_accept(proxy_.listener.stream(), client_.stream()) == 0 && read(client_);
  }

 private:
  static Tunnel* of(void* handle) {
    return static_cast<Tunnel*>(static_cast<uv_handle_t*>(handle)->data);
  }

  static bool read(Socket& from) {
    const auto allocate = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
      auto& bytes = of(handle)->buffer_;
      *buffer = uv_buf_init(bytes.data(), bytes.size());
    };
    const auto read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
      if (Tunnel* self = of(stream)) self->on_read(stream, count);
    };
    return uv_read_start(from.stream(), allocate, read) == 0;
  }

  void on_read(uv_stream_t* from, ssize_t count) {
    if (count == 0) return;
    if (count < 0) {
      proxy_.remove(*this);
      return;
    }
    std::string bytes(buffer_.data(), static_cast<std::size_t>(count));
    if (!provider_) {
      head_ += bytes;
      if (head_.ends_with("\r\n\r\n")) on_head();
    } else if (from == client_.stream()) {
      proxy_.carried += bytes;
      write(*provider_, std::move(bytes));
    } else {
      write(client_, std::move(bytes));
    }
  }

  void on_head() {
    const std::string head = std::exchange(head_, {});
    proxy_.heads.push_back(head);
    const std::string method = "CONNECT ";
    if (!head.starts_with(method)) return write(client_, answer("405 Method Not Allowed"));
    const auto login = "\r\nProxy-Authorization: " + proxy_.authorization + "\r\n";
    if (!proxy_.authorization.empty() && head.find(login) == std::string::npos)
      return write(client_, answer("407 Proxy Authentication Required"));
    const std::string target =
        head.substr(method.size(), head.find(' ', method.size()) - method.size());
    const auto known = proxy_.ports.find(target);
    if (known == proxy_.ports.end()) return write(client_, answer("502 Bad Gateway"));
    connect(known->second);
  }

  void connect(std::uint16_t port) {
    provider_.emplace(proxy_.loop, &uv_tcp_init, this);
    uv_read_stop(client_.stream());
    const sockaddr_in address = loopback(port);
    auto request = std::make_unique<uv_connect_t>();
    const auto connected = [](uv_connect_t* done, int status) noexcept {
      const std::unique_ptr<uv_connect_t> owned(done);
      if (Tunnel* self = of(done->handle)) self->on_connected(status);
    };
    if (uv_tcp_connect(request.get(), provider_->get(), reinterpret_cast<const sockaddr*>(&address),
                       connected) == 0)
      request.release();
  }

  void on_connected(int status) {
    if (status != 0) {
      proxy_.remove(*this);
      return;
    }
    ++proxy_.tunnels_made;
    write(client_, "HTTP/1.1 200 Connection established\r\n\r\n");
    read(client_);
    read(*provider_);
  }

  Parts& proxy_;
  Socket client_;
  std::optional<Socket> provider_;
  std::string head_;
  std::array<char, 64 * 1024> buffer_;
};

ConnectProxy::Parts::Parts(uv_loop_s& on) : loop(on), listener(on, &uv_tcp_init, this) {
  sockaddr_in address = loopback(0);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  check_uv(uv_tcp_bind(listener.get(), generic, 0), "cannot bind");
  const auto arrived = [](uv_stream_t* stream, int status) noexcept {
    auto* self = static_cast<Parts*>(stream->data);
    if (self && status == 0) self->accept();
  };
  check_uv(uv_listen(listener.stream(), 128, arrived), "cannot listen");
  int size = sizeof address;
  check_uv(uv_tcp_getsockname(listener.get(), generic, &size), "no port");
  port = ntohs(address.sin_port);
}

void ConnectProxy::Parts::accept() {
  auto tunnel = std::make_unique<Tunnel>(*this);
  if (tunnel->start()) tunnels.push_back(std::move(tunnel));
}

void ConnectProxy::Parts::remove(Tunnel& tunnel) {
  std::erase_if(tunnels, [&tunnel](const auto& one) { return one.get() == &tunnel; });
}

ConnectProxy::ConnectProxy(uv_loop_s& loop) : parts_(std::make_unique<Parts>(loop)) {}

ConnectProxy::~ConnectProxy() = default;

std::string ConnectProxy::url(const std::string& login) const {
  return "http://" + (login.empty() ? "" : login + "@") +
         "127.0.0.1:" + std::to_string(parts_->port);
}

void ConnectProxy::map(const std::string& target, std::uint16_t port) {
  parts_->ports[target] = port;
}

void ConnectProxy::require(const std::string& authorization) {
  parts_->authorization = authorization;
}

const std::vector<std::string>& ConnectProxy::heads() const {
  return parts_->heads;
}

const std::string& ConnectProxy::carried() const {
  return parts_->carried;
}

std::size_t ConnectProxy::tunnels_made() const {
  return parts_->tunnels_made;
}

}  // namespace ccrelay::testing
