#include "tls/session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/freed.hpp"

namespace ccrelay::tls {
namespace {

// A record holds no more. One buffer a thread: bytes are handed on before the next read.
constexpr std::size_t record_bytes_max = 16 * 1024;
thread_local char record[record_bytes_max];

// What a call has made for the wire. One a thread as well: it is sent before the next call. Of a
// large answer nothing is kept that a usual one would not need.
thread_local std::string outgoing;
constexpr std::size_t kept_capacity_max = 256 * 1024;

// The queue is the thread's; what stands in it may be anybody's. Clearing walks through all of it,
// and nearly always there is nothing.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

// What OpenSSL reads from and writes to. OpenSSL's own memory BIO copies everything once more,
// grows by clearing and never gives back what it once grew to.
struct SessionWire {
  static int read(BIO* bio, char* to, int size) {
    auto& session = *static_cast<Session*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t kept = session.kept_.size() - session.kept_read_;
    std::size_t count = 0;
    if (kept > 0) {
      count = std::min(wanted, kept);
      std::memcpy(to, session.kept_.data() + session.kept_read_, count);
      session.kept_read_ += count;
      if (count == kept) {
        std::string().swap(session.kept_);  // assigning an empty one keeps the memory
        session.kept_read_ = 0;
      }
    } else if (!session.wire_.empty()) {
      count = session.wire_.copy(to, wanted);
      session.wire_.remove_prefix(count);
    } else {
      BIO_set_retry_read(bio);
      return -1;
    }
    return static_cast<int>(count);
  }

  static int write(BIO*, const char* from, int size) {
    if (size <= 0) return 0;
    try {  // an exception must not cross OpenSSL
      outgoing.append(from, static_cast<std::size_t>(size));
    } catch (...) {
      return -1;
    }
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cc-relay");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      BIO_meth_set_create(method, create);
      return method;
    }();
    return made;
  }
};

Session::Session(ssl_st* ssl) : ssl_(ssl) {
  BIO* bio = BIO_new(SessionWire::method());
  if (bio) BIO_set_data(bio, this);  // without one every call fails
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
  // Else it would go on inside SSL_read() for as long as there are such records.
  SSL_clear_mode(ssl_, SSL_MODE_AUTO_RETRY);
  SSL_set_msg_callback(
      ssl_, [](int sent, int, int type, const void*, std::size_t, SSL*, void* records) noexcept {
        if (sent == 0 && type == SSL3_RT_HEADER) ++*static_cast<std::uint64_t*>(records);
      });
  SSL_set_msg_callback_arg(ssl_, &records_);
}

Session::~Session() {
  SSL_free(ssl_);
}

void Session::receive(std::string_view wire) {
  keep();
  wire_ = wire;
}

void Session::keep() {
  if (wire_.empty()) return;
  kept_.erase(0, kept_read_);
  kept_read_ = 0;
  kept_ += wire_;
  wire_ = {};
}

bool Session::holds_bytes() const {
  return !wire_.empty() || !kept_.empty() || SSL_has_pending(ssl_) == 1;
}

void Session::begin() {
  forget_errors();
  outgoing.clear();
  if (outgoing.capacity() > kept_capacity_max) std::string().swap(outgoing);
}

Session::Status Session::handshake() {
  begin();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Status::done;
  const bool wanted = SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ;
  forget_errors();
  return wanted ? Status::wanted : Status::failed;
}

Session::Status Session::read(std::string_view& plain) {
  plain = {};
  begin();
  for (int pauses = 0;;) {
    const std::uint64_t before = records_;
    const int count = SSL_read(ssl_, record, static_cast<int>(sizeof record));
    if (count > 0) {
      useless_records_ = 0;
      plain = {record, static_cast<std::size_t>(count)};
      return Status::done;
    }
    const int error = SSL_get_error(ssl_, count);
    forget_errors();
    if (error != SSL_ERROR_WANT_READ) {
      return error == SSL_ERROR_ZERO_RETURN ? Status::ended : Status::failed;
    }
    if (records_ == before) {
      if (wire_.empty() && kept_.empty()) return Status::wanted;
      // It has only sent what it owed, such as a key update, and reads on when asked again.
      if (++pauses > 1) return Status::failed;
      continue;
    }
    pauses = 0;
    // One that has not come whole counts too, until it is read.
    if (++useless_records_ > useless_records_max) return Status::failed;
  }
}

bool Session::write(std::string_view plain) {
  begin();
  if (plain.empty()) return true;
  // Everything is taken, so there is no partial write to go on from.
  const bool written = SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())) > 0;
  forget_errors();
  return written;
}

void Session::close_notify() {
  begin();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  forget_errors();
}

std::string_view Session::output() const {
  return outgoing;
}

std::string Session::certificate_subject() const {
  if (SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  const std::unique_ptr<X509, base::Freed<X509_free>> shown(SSL_get1_peer_certificate(ssl_));
  if (!shown) return {};
  const std::unique_ptr<BIO, base::Freed<BIO_free>> out(BIO_new(BIO_s_mem()));
  if (!out) return {};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(shown.get()), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string_view Session::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace ccrelay::tls
