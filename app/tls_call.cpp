#include "tls_call.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace ccrelay::app {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Deadline = std::chrono::steady_clock::time_point;

Error failure(std::string what) {
  return {ErrorCode::network, std::move(what)};
}

Certificate certificate_in(const std::string& path) {
  const std::unique_ptr<BIO, Freed<BIO_free>> file(BIO_new_file(path.c_str(), "r"));
  return Certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
}

// False when the connection can't go on.
bool wait_for(SSL* ssl, int result, Deadline deadline) {
  const int wanted = SSL_get_error(ssl, result);
  if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) return false;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  struct pollfd ready = {SSL_get_fd(ssl),
                         static_cast<short>(wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
  return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

std::string reason(Deadline deadline) {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  if (text && ERR_GET_REASON(code) == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED) {
    return "it asks for a client's certificate (server.tls.client_auth), which this command has "
           "not";
  }
  if (text) return std::string("TLS: ") + text;
  return std::chrono::steady_clock::now() >= deadline ? std::strerror(ETIMEDOUT)
                                                      : "the TLS connection was cut";
}

}  // namespace

Result<std::string> tls_call(int socket, const std::string& request,
                             const std::string& certificate_file, Deadline deadline,
                             std::size_t answer_bytes_max) {
  const Certificate expected = certificate_in(certificate_file);
  if (!expected) return failure("cannot read server.tls.cert_file " + certificate_file);
  ERR_clear_error();
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Connection connection(SSL_new(context.get()));
  SSL* ssl = connection.get();
  if (!ssl || SSL_set_fd(ssl, socket) != 1) return failure("no TLS");
  SSL_set_connect_state(ssl);
  for (int result = 0; (result = SSL_do_handshake(ssl)) != 1;) {
    if (!wait_for(ssl, result, deadline)) return failure(reason(deadline));
  }
  X509* shown = SSL_get0_peer_certificate(ssl);
  if (!shown || X509_cmp(shown, expected.get()) != 0) {
    return failure("what answers there shows another certificate than " + certificate_file);
  }
  for (int result = 0;
       (result = SSL_write(ssl, request.data(), static_cast<int>(request.size()))) <= 0;) {
    if (!wait_for(ssl, result, deadline)) return failure(reason(deadline));
  }
  std::string answer;
  char part[4096];
  while (answer.size() < answer_bytes_max) {
    const int count = SSL_read(ssl, part, sizeof part);
    if (count > 0) {
      answer.append(part, static_cast<std::size_t>(count));
      continue;
    }
    if (SSL_get_error(ssl, count) == SSL_ERROR_ZERO_RETURN) break;
    if (!wait_for(ssl, count, deadline)) return failure(reason(deadline));
  }
  return answer;
}

}  // namespace ccrelay::app
