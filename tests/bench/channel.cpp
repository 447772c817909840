#include "channel.hpp"

namespace bench {

Channel::Channel(int fd, SSL_CTX* context, bool server) : fd_(fd), ssl_(SSL_new(context)) {
  if (!ssl_) die("SSL_new");
  SSL_set_fd(ssl_, fd);
  server ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
}

Channel::~Channel() {
  SSL_free(ssl_);
  close(fd_);
}

Channel::Moved Channel::outcome(int result) {
  if (result > 0) return {State::some, static_cast<std::size_t>(result)};
  const int error = SSL_get_error(ssl_, result);
  const bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return {later ? State::later : State::closed};
}

Channel::State Channel::shake() {
  return ssl_ ? outcome(SSL_do_handshake(ssl_)).state : State::some;
}

Channel::Moved Channel::read(char* to, std::size_t room) {
  if (ssl_) return outcome(SSL_read(ssl_, to, static_cast<int>(room)));
  const ssize_t got = ::read(fd_, to, room);
  if (got > 0) return {State::some, static_cast<std::size_t>(got)};
  return {got < 0 && errno == EAGAIN ? State::later : State::closed};
}

Channel::Moved Channel::write(std::string_view bytes) {
  if (ssl_) return outcome(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())));
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {State::some, static_cast<std::size_t>(sent)};
  return {errno == EAGAIN ? State::later : State::closed};
}

namespace {

SSL_CTX* new_context(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  if (!context) die("SSL_CTX_new");
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

SSL_CTX* client_context() {
  static SSL_CTX* const context = new_context(TLS_client_method());
  return context;
}

SSL_CTX* server_context(const char* certificate, const char* key) {
  SSL_CTX* context = new_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "%s and %s are no certificate and key\n", certificate, key);
    std::exit(1);
  }
  return context;
}

}  // namespace bench
