#include "tls/session.hpp"

#include <openssl/buffer.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace ccrelay::tls {
namespace {
// A record holds no more. One buffer a thread: bytes are handed on before the next read.
constexpr std::size_t record_bytes_max = 16 * 1024;
thread_local char record[record_bytes_max];

// A memory BIO never gives back what it once grew to; an idle connection must not keep that.
constexpr std::size_t kept_capacity_max = 4096;

bool is_spent(BIO* bio) {
  BUF_MEM* memory = nullptr;
  BIO_get_mem_ptr(bio, &memory);
  return memory && memory->max > kept_capacity_max && BIO_ctrl_pending(bio) == 0;
}
}  // namespace

Session::Session(ssl_st* ssl) : ssl_(ssl) {
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_);
}

Session::~Session() {
  SSL_free(ssl_);
}

void Session::receive(std::string_view wire) {
  BIO_write(SSL_get_rbio(ssl_), wire.data(), static_cast<int>(wire.size()));
}

Session::Status Session::handshake() {
  ERR_clear_error();  // the queue is the thread's; what stands in it may be anybody's
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Status::done;
  const bool wanted = SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  return wanted ? Status::wanted : Status::failed;
}

Session::Status Session::read(std::string_view& plain) {
  plain = {};
  ERR_clear_error();
  const int count = SSL_read(ssl_, record, static_cast<int>(sizeof record));
  if (count > 0) {
    plain = {record, static_cast<std::size_t>(count)};
    return Status::done;
  }
  const int error = SSL_get_error(ssl_, count);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) {
    if (is_spent(SSL_get_rbio(ssl_))) SSL_set0_rbio(ssl_, BIO_new(BIO_s_mem()));
    return Status::wanted;
  }
  return error == SSL_ERROR_ZERO_RETURN ? Status::ended : Status::failed;
}

bool Session::write(std::string_view plain) {
  if (plain.empty()) return true;
  ERR_clear_error();
  // A memory BIO takes everything, so there is no partial write to go on from.
  const bool written = SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())) > 0;
  ERR_clear_error();
  return written;
}

void Session::close_notify() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::string Session::take_output() {
  BIO* output = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(output), '\0');
  if (!bytes.empty()) BIO_read(output, bytes.data(), static_cast<int>(bytes.size()));
  // Within a handshake OpenSSL has another BIO before it.
  if (SSL_is_init_finished(ssl_) && is_spent(output)) {
    SSL_set0_wbio(ssl_, BIO_new(BIO_s_mem()));
  }
  return bytes;
}

std::string_view Session::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace ccrelay::tls
