#include "testing/tls_filter.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace ccrelay::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error("FakeProvider: " + what + ": " + reason.data());
}

/// ALPN: http/1.1 if the client offers it; a client that only speaks something else goes without.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) noexcept {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* selected = nullptr;
  const int found =
      SSL_select_next_proto(&selected, out_size, ours, sizeof ours - 1, offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsIdentity::TlsIdentity(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method())) {
  if (context_ == nullptr) fail("no TLS");
  const bool loaded =
      SSL_CTX_use_certificate_chain_file(context_, certificate_file.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context_, key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!loaded) {
    SSL_CTX_free(context_);
    fail("cannot use " + certificate_file + " with key " + key_file);
  }
  SSL_CTX_set_alpn_select_cb(context_, &select_protocol, nullptr);
}

TlsIdentity::~TlsIdentity() {
  SSL_CTX_free(context_);
}

TlsFilter::TlsFilter(const TlsIdentity& identity) : ssl_(SSL_new(identity.context())) {
  if (ssl_ == nullptr) fail("no TLS connection");
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_);
}

TlsFilter::~TlsFilter() {
  SSL_free(ssl_);
}

TlsFilter::Status TlsFilter::receive(std::string_view wire, std::string& plain) {
  ERR_clear_error();  // the queue is the thread's; what stands in it may be anybody's
  BIO_write(SSL_get_rbio(ssl_), wire.data(), static_cast<int>(wire.size()));
  std::array<char, 16 * 1024> part;  // a record holds no more
  while (true) {
    const int count = SSL_read(ssl_, part.data(), static_cast<int>(part.size()));
    if (count > 0) {
      plain.append(part.data(), static_cast<std::size_t>(count));
      continue;
    }
    switch (SSL_get_error(ssl_, count)) {
      case SSL_ERROR_WANT_READ:
        return Status::open;
      case SSL_ERROR_ZERO_RETURN:
        return Status::ended;
      default:
        return Status::failed;
    }
  }
}

void TlsFilter::send(std::string_view plain) {
  ERR_clear_error();
  // A memory BIO takes everything, so there is no partial write to go on from.
  if (!plain.empty()) SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
}

void TlsFilter::end() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
}

std::string TlsFilter::take_output() {
  BIO* output = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(output), '\0');
  if (!bytes.empty()) BIO_read(output, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace ccrelay::testing
