#include "support/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace ccrelay::testing {
namespace {

struct Write {
  uv_write_t request;
  std::string bytes;
};

}  // namespace

struct TlsServer::Listener {
  uv_tcp_t tcp;
  TlsServer* server;
};

// Freed by its close callback; `server` is null once that is gone.
struct TlsServer::Peer final : TlsServer::Connection {
  uv_tcp_t tcp;
  TlsServer* server = nullptr;
  ssl_st* ssl = nullptr;
  std::string plain;
  bool closed = false;
  std::array<char, 64 * 1024> buffer;

  ~Peer() override { SSL_free(ssl); }

  void send(std::string_view bytes) override {
    SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
  }
  void update_keys(int count, bool asks_for_theirs) override {
    for (int i = 0; i < count; ++i) {
      SSL_key_update(ssl,
                     asks_for_theirs ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
      SSL_do_handshake(ssl);
    }
  }
  void send_tickets(int count) override {
    for (int i = 0; i < count; ++i) {
      SSL_new_session_ticket(ssl);
      SSL_do_handshake(ssl);
    }
  }
  void flush() override {
    BIO* output = SSL_get_wbio(ssl);
    auto* write = new Write;
    write->bytes.resize(BIO_ctrl_pending(output));
    if (write->bytes.empty() || closed) {
      delete write;
      return;
    }
    BIO_read(output, write->bytes.data(), static_cast<int>(write->bytes.size()));
    uv_buf_t piece = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
    const auto written = [](uv_write_t* request, int) noexcept {
      delete reinterpret_cast<Write*>(request);
    };
    if (uv_write(&write->request, reinterpret_cast<uv_stream_t*>(&tcp), &piece, 1, written) != 0) {
      delete write;
    }
  }

  void read(std::string_view wire) {
    ERR_clear_error();
    BIO_write(SSL_get_rbio(ssl), wire.data(), static_cast<int>(wire.size()));
    std::array<char, 16 * 1024> part;
    int count = 0;
    while ((count = SSL_read(ssl, part.data(), static_cast<int>(part.size()))) > 0) {
      plain.append(part.data(), static_cast<std::size_t>(count));
    }
    ERR_clear_error();
    flush();
    for (auto end = plain.find("\r\n\r\n"); end != std::string::npos;
         end = plain.find("\r\n\r\n")) {
      plain.erase(0, end + 4);
      ++server->requests_;
      server->on_request_(*this);
      flush();
    }
  }

  void close() {
    if (closed) return;
    closed = true;
    uv_close(reinterpret_cast<uv_handle_t*>(&tcp), [](uv_handle_t* handle) noexcept {
      auto* self = static_cast<Peer*>(handle->data);
      if (!self->server) {
        delete self;
      } else {
        self->ended = true;
      }
    });
  }
  bool ended = false;
};

TlsServer::TlsServer(uv_loop_s& loop, const std::string& certificate_file,
                     const std::string& key_file, std::function<void(Connection&)> on_request)
    : loop_(loop),
      context_(SSL_CTX_new(TLS_server_method())),
      on_request_(std::move(on_request)),
      listener_(new Listener) {
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(context_, 0);
  if (SSL_CTX_use_certificate_chain_file(context_, certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use " + certificate_file);
  }
  listener_->server = this;
  listener_->tcp.data = listener_;
  uv_tcp_init(&loop, &listener_->tcp);
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_bind(&listener_->tcp, reinterpret_cast<const sockaddr*>(&address), 0);
  uv_listen(reinterpret_cast<uv_stream_t*>(&listener_->tcp), 16,
            [](uv_stream_t* stream, int) noexcept {
              TlsServer& self = *static_cast<Listener*>(stream->data)->server;
              auto* peer = new Peer;
              peer->server = &self;
              peer->tcp.data = peer;
              uv_tcp_init(&self.loop_, &peer->tcp);
              uv_accept(stream, reinterpret_cast<uv_stream_t*>(&peer->tcp));
              peer->ssl = SSL_new(self.context_);
              SSL_set_bio(peer->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
              SSL_set_accept_state(peer->ssl);
              self.connections_.push_back(peer);
              uv_read_start(
                  reinterpret_cast<uv_stream_t*>(&peer->tcp),
                  [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
                    auto* one = static_cast<Peer*>(handle->data);
                    *buffer = uv_buf_init(one->buffer.data(), sizeof one->buffer);
                  },
                  [](uv_stream_t* from, ssize_t count, const uv_buf_t* buffer) noexcept {
                    auto* one = static_cast<Peer*>(from->data);
                    if (count < 0) {
                      one->close();
                    } else if (one->server) {
                      one->read({buffer->base, static_cast<std::size_t>(count)});
                    }
                  });
            });
}

TlsServer::~TlsServer() {
  for (Peer* peer : connections_) {
    peer->server = nullptr;
    if (peer->ended) {
      delete peer;
    } else {
      peer->close();
    }
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&listener_->tcp),
           [](uv_handle_t* handle) noexcept { delete static_cast<Listener*>(handle->data); });
  SSL_CTX_free(context_);
}

std::string TlsServer::url() const {
  sockaddr_in address{};
  int size = sizeof address;
  uv_tcp_getsockname(&listener_->tcp, reinterpret_cast<sockaddr*>(&address), &size);
  return "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

std::size_t TlsServer::open() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const Peer* peer) { return !peer->closed; }));
}

}  // namespace ccrelay::testing
