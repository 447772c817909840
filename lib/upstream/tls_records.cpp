#include "upstream/tls_records.hpp"

#include <openssl/ssl.h>

#include <initializer_list>

namespace ccrelay::upstream {

void TlsRecords::watch(ssl_ctx_st* context) {
  outer_session_ = inner_session_;
  inner_session_ = nullptr;
  SSL_CTX_set_msg_callback(context, [](int sent, int, int type, const void*, std::size_t,
                                       SSL* session, void* self) noexcept {
    if (sent == 0 && type == SSL3_RT_HEADER) static_cast<TlsRecords*>(self)->note(session);
  });
  SSL_CTX_set_msg_callback_arg(context, this);
}

void TlsRecords::note(ssl_st* session) {
  if (session == outer_session_) {
    ++outer_;
    return;
  }
  // A handshake may be begun anew with another address.
  inner_session_ = session;
  ++inner_;
}

void TlsRecords::stop_retrying() {
  for (ssl_st* session : {inner_session_, outer_session_}) {
    if (session) SSL_clear_mode(session, SSL_MODE_AUTO_RETRY);
  }
}

void TlsRecords::stop_counting() {
  for (ssl_st* session : {inner_session_, outer_session_}) {
    if (session) SSL_set_msg_callback(session, nullptr);
  }
}

}  // namespace ccrelay::upstream
