#include "support/raw_client.hpp"

#include <uv.h>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <utility>

namespace ccrelay::testing {
namespace {

/// A write in flight owns its bytes: it may outlive the client.
struct Write {
  uv_write_t request;
  std::string bytes;
};

template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

uv_stream_t* as_stream(uv_tcp_t* tcp) {
  return reinterpret_cast<uv_stream_t*>(tcp);
}

void free_tcp(uv_handle_t* handle) noexcept {
  delete reinterpret_cast<uv_tcp_t*>(handle);
}

void check(int status, const char* what) {
  if (status != 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(status));
}

}  // namespace

// `data` of the handle is the client, or null once the client is gone.
struct RawClient::Callbacks {
  static RawClient* client(uv_tcp_t* tcp) { return static_cast<RawClient*>(tcp->data); }
  static RawClient* client(uv_stream_t* stream) { return static_cast<RawClient*>(stream->data); }

  static void connected(uv_connect_t* request, int status) noexcept {
    const std::unique_ptr<uv_connect_t> owned(request);
    if (auto* self = client(request->handle)) self->on_connected(status);
  }
  static void allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
    auto* self = static_cast<RawClient*>(handle->data);
    *buffer = self != nullptr ? uv_buf_init(self->buffer_.data(), sizeof self->buffer_)
                              : uv_buf_init(nullptr, 0);
  }
  static void read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
    if (auto* self = client(stream)) self->on_read(count);
  }
  static void written(uv_write_t* request, int status) noexcept {
    const std::unique_ptr<Write> owned(reinterpret_cast<Write*>(request));
    auto* self = client(request->handle);
    if (self != nullptr && status != 0) self->failed(status);
  }
  static void shut_down(uv_shutdown_t* request, int) noexcept { delete request; }
};

RawClient::RawClient(uv_loop_s& loop, std::uint16_t port, int receive_buffer) {
  // libuv 1.44 writes without MSG_NOSIGNAL; a peer that is gone must be an error, not our end.
  std::signal(SIGPIPE, SIG_IGN);
  auto tcp = std::make_unique<uv_tcp_t>();
  check(uv_tcp_init_ex(&loop, tcp.get(), AF_INET), "uv_tcp_init_ex");
  tcp_ = tcp.release();
  tcp_->data = this;
  uv_tcp_nodelay(tcp_, 1);
  if (receive_buffer > 0) uv_recv_buffer_size(as_handle(tcp_), &receive_buffer);
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", port, &address);
  auto request = std::make_unique<uv_connect_t>();
  const int status = uv_tcp_connect(request.get(), tcp_, reinterpret_cast<sockaddr*>(&address),
                                    &Callbacks::connected);
  if (status == 0)
    request.release();
  else
    failed(status);
}

RawClient::~RawClient() {
  close();
}

void RawClient::send(std::string_view bytes) {
  if (tcp_ == nullptr || bytes.empty()) return;
  auto write = std::make_unique<Write>();
  write->bytes = bytes;
  const uv_buf_t buffer =
      uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  const int status = uv_write(&write->request, as_stream(tcp_), &buffer, 1, &Callbacks::written);
  if (status == 0)
    write.release();
  else
    failed(status);
}

void RawClient::shutdown_write() {
  shutdown_ = true;
  if (tcp_ == nullptr || !connected_) return;  // on_connected() comes back here
  auto request = std::make_unique<uv_shutdown_t>();
  if (uv_shutdown(request.get(), as_stream(tcp_), &Callbacks::shut_down) == 0) request.release();
}

void RawClient::close() {
  if (tcp_ == nullptr) return;
  tcp_->data = nullptr;
  uv_close(as_handle(tcp_), free_tcp);
  tcp_ = nullptr;
}

void RawClient::reset() {
  if (tcp_ == nullptr) return;
  tcp_->data = nullptr;
  // Refused while a shutdown is under way; then a plain close has to do.
  if (uv_tcp_close_reset(tcp_, free_tcp) != 0) uv_close(as_handle(tcp_), free_tcp);
  tcp_ = nullptr;
}

void RawClient::pause_reading(bool paused) {
  paused_ = paused;
  if (paused && tcp_ != nullptr) uv_read_stop(as_stream(tcp_));
  if (!paused) read_on();
}

std::size_t RawClient::unsent() const {
  return tcp_ == nullptr ? 0 : uv_stream_get_write_queue_size(as_stream(tcp_));
}

void RawClient::on_connected(int status) {
  if (status != 0) {
    failed(status);
    return;
  }
  connected_ = true;
  read_on();
  if (shutdown_) shutdown_write();
}

void RawClient::read_on() {
  if (tcp_ == nullptr || !connected_ || paused_ || gone()) return;
  uv_read_start(as_stream(tcp_), &Callbacks::allocate, &Callbacks::read);
}

void RawClient::on_read(long count) {
  if (count > 0) {
    received_.append(buffer_.data(), static_cast<std::size_t>(count));
    return;
  }
  if (count == 0) return;
  uv_read_stop(as_stream(tcp_));
  if (count == UV_EOF)
    eof_ = true;
  else
    failed(static_cast<int>(count));
}

void RawClient::failed(int status) {
  // EPIPE: an RST that came after FIN, or that an earlier call has already reported.
  if (status == UV_ECONNRESET || status == UV_EPIPE)
    was_reset_ = true;
  else if (error_ == 0)
    error_ = status;
}

}  // namespace ccrelay::testing
