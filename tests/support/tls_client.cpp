#include "support/tls_client.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace ccrelay::testing {
namespace {

// RFC 7301 section 3.1: each name behind its length.
std::string protocol_list(std::string_view names) {
  std::string out;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    out += static_cast<char>(name.size());
    out += name;
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  return out;
}

}  // namespace

TlsClient::TlsClient(uv_loop_s& loop, std::uint16_t port, Options options)
    : raw_(loop, port, options.receive_buffer), context_(SSL_CTX_new(TLS_client_method())) {
  if (!options.ca_file.empty()) {
    SSL_CTX_load_verify_locations(context_, options.ca_file.c_str(), nullptr);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  }
  if (!options.certificate_file.empty() &&
      (SSL_CTX_use_certificate_chain_file(context_, options.certificate_file.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context_, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)) {
    throw std::runtime_error("cannot use " + options.certificate_file);
  }
  if (options.version != 0) {
    SSL_CTX_set_max_proto_version(context_, options.version);
    SSL_CTX_set_min_proto_version(context_, options.version);
  }
  ssl_ = SSL_new(context_);
  if (!options.alpn.empty()) {
    const std::string list = protocol_list(options.alpn);
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void TlsClient::pump() {
  ERR_clear_error();
  const std::string& wire = raw_.received();
  if (read_ < wire.size()) {
    BIO_write(SSL_get_rbio(ssl_), wire.data() + read_, static_cast<int>(wire.size() - read_));
    read_ = wire.size();
  }
  if (!secured_ && !failed_) {
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) {
      secured_ = true;
      const std::string waiting = std::exchange(waiting_, {});
      if (!waiting.empty()) SSL_write(ssl_, waiting.data(), static_cast<int>(waiting.size()));
    } else if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) {
      failed_ = true;
    }
  }
  std::array<char, 16 * 1024> part;
  while (secured_ && !failed_ && !ended_) {
    const int count = SSL_read(ssl_, part.data(), static_cast<int>(part.size()));
    if (count > 0) {
      plain_.append(part.data(), static_cast<std::size_t>(count));
      continue;
    }
    const int error = SSL_get_error(ssl_, count);
    if (error == SSL_ERROR_WANT_READ) break;
    (error == SSL_ERROR_ZERO_RETURN ? ended_ : failed_) = true;
  }
  ERR_clear_error();
  if (!held_) flush();
}

void TlsClient::flush() {
  raw_.send(take_output());
}

std::string TlsClient::take_output() {
  BIO* output = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(output), '\0');
  if (!bytes.empty()) BIO_read(output, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool TlsClient::secured() {
  pump();
  return secured_;
}

bool TlsClient::failed() {
  pump();
  return failed_;
}

void TlsClient::send(std::string_view plain) {
  pump();
  if (!secured_) {
    waiting_ += plain;
    return;
  }
  if (!plain.empty()) SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
  if (!held_) flush();
}

void TlsClient::update_keys(int count, bool asks_for_theirs) {
  pump();
  for (int i = 0; i < count; ++i) {
    SSL_key_update(ssl_, asks_for_theirs ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    SSL_do_handshake(ssl_);
  }
  if (!held_) flush();
}

void TlsClient::finish() {
  pump();
  SSL_shutdown(ssl_);
  if (!held_) flush();
}

const std::string& TlsClient::received() {
  pump();
  return plain_;
}

bool TlsClient::ended() {
  pump();
  return ended_;
}

bool TlsClient::eof() {
  pump();
  return raw_.eof();
}

bool TlsClient::gone() {
  pump();
  return raw_.gone();
}

std::string TlsClient::protocol() {
  pump();
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::server_name() {
  pump();
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (!certificate) return {};
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

}  // namespace ccrelay::testing
