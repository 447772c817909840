#include "tls/context.hpp"

#include <ccrelay/config_load.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <utility>

#include "base/freed.hpp"
#include "base/read_file.hpp"

namespace ccrelay::tls {
namespace {

using base::Freed;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// A chain has some kilobytes, all authorities there are have some hundred.
constexpr std::size_t pem_bytes_max = 4 << 20;

// What is read for a context, and the section that names it.
struct Source {
  const TlsConfig& config;
  std::string_view section;

  std::string setting(std::string_view key) const {
    return std::string(section) + '.' + std::string(key);
  }
};

Error wrong(const Source& source, std::string_view key, const std::string& file,
            const std::string& what) {
  return {ErrorCode::config, source.setting(key) + " " + file + ": " + what};
}

std::string library_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason ? reason : "unknown error";
}

Result<std::string> contents(const Source& source, std::string_view key, const std::string& file) {
  base::FileText read = base::read_file(file, pem_bytes_max);
  if (!read) return wrong(source, key, file, "cannot be read: " + read.words(pem_bytes_max));
  if (read.text.empty()) return wrong(source, key, file, "cannot be read, or is empty");
  return std::move(read.text);
}

Bio reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// No terminal is asked for a password.
int no_password(char*, int, int, void*) {
  return -1;
}

std::time_t time_of(WallTime now) {
  return std::chrono::system_clock::to_time_t(now);
}

std::string text_of(const ASN1_TIME* time) {
  const Bio out(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(out.get(), time);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Result<void> use_certificates(SSL_CTX* context, const Source& source, WallTime now) {
  const std::string& file = source.config.cert_file;
  const auto text = contents(source, "cert_file", file);
  if (!text) return text.error();
  const Bio bio = reading(*text);
  const Certificate own(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr));
  if (!own) {
    ERR_clear_error();
    return wrong(source, "cert_file", file,
                 "holds no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----");
  }
  std::time_t at = time_of(now);
  if (X509_cmp_time(X509_get0_notAfter(own.get()), &at) < 0) {
    return wrong(
        source, "cert_file", file,
        "the certificate expired on " + text_of(X509_get0_notAfter(own.get())) + "; renew it");
  }
  if (X509_cmp_time(X509_get0_notBefore(own.get()), &at) > 0) {
    return wrong(source, "cert_file", file,
                 "the certificate is valid only from " + text_of(X509_get0_notBefore(own.get())) +
                     "; check this machine's clock");
  }
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return wrong(source, "cert_file", file, "cannot be used: " + library_reason());
  }
  SSL_CTX_clear_chain_certs(context);
  while (X509* more = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) {
    SSL_CTX_add0_chain_cert(context, more);
  }
  const unsigned long end = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    return wrong(source, "cert_file", file, "a certificate behind the first is damaged");
  }
  return {};
}

Result<void> use_key(SSL_CTX* context, const Source& source, std::vector<std::string>& warnings) {
  const std::string& file = source.config.key_file;
  auto text = contents(source, "key_file", file);
  if (!text) return text.error();
  const Bio bio = reading(*text);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  const bool encrypted = text->find("ENCRYPTED") != std::string::npos;
  OPENSSL_cleanse(text->data(), text->size());
  ERR_clear_error();
  if (!key && encrypted) {
    return wrong(source, "key_file", file,
                 "the key is encrypted, and nobody is there to type its password; decrypt it with: "
                 "openssl pkey -in KEY -out NEW-KEY");
  }
  if (!key) {
    return wrong(source, "key_file", file,
                 "holds no private key in PEM; it begins with -----BEGIN PRIVATE KEY-----");
  }
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1) {
    ERR_clear_error();
    return wrong(source, "key_file", file,
                 "the key is not the one of the certificate in " + source.config.cert_file +
                     "; give the key that the certificate was made with");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return wrong(source, "key_file", file, "cannot be used: " + library_reason());
  }
  struct stat about {};
  if (::stat(file.c_str(), &about) == 0 && (about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    warnings.push_back(source.setting("key_file") + " " + file +
                       " can be read by others than its owner; use: chmod 600 " + file);
  }
  return {};
}

Result<void> ask_clients(SSL_CTX* context, const Source& source) {
  const TlsConfig& config = source.config;
  if (config.client_auth == ClientAuth::none) return {};
  const std::string& file = config.client_ca_file;
  const auto text = contents(source, "client_ca_file", file);
  if (!text) return text.error();
  const Bio bio = reading(*text);
  auto* names = sk_X509_NAME_new_null();
  int found = 0;
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  while (const Certificate ca{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    X509_STORE_add_cert(store, ca.get());
    sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(ca.get())));
    ++found;
  }
  ERR_clear_error();
  SSL_CTX_set_client_CA_list(context, names);  // takes it
  if (found == 0) return wrong(source, "client_ca_file", file, "holds no certificate in PEM");
  int mode = SSL_VERIFY_PEER;
  if (config.client_auth == ClientAuth::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  return {};
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void* http2) noexcept {
  static constexpr unsigned char both[] = "\x02h2\x08http/1.1";
  const unsigned char* ours = http2 ? both : both + 3;
  const unsigned size = sizeof both - 1 - (http2 ? 0 : 3);
  unsigned char* selected = nullptr;
  // Ours are in the order in which we like them.
  if (SSL_select_next_proto(&selected, out_size, ours, size, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 section 3.2
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void ContextDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<Context> load_context(const TlsConfig& config, bool http2, WallTime now,
                             std::string_view section) {
  const Source source{config, section};
  ERR_clear_error();
  Context made;
  made.context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.context.get();
  if (!context) return Error{ErrorCode::internal, "no TLS: " + library_reason()};
  SSL_CTX_set_min_proto_version(context,
                                config.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Resumed by tickets alone, whose keys go with this context.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  static constexpr unsigned char id[] = "cc-relay";
  SSL_CTX_set_session_id_context(context, id, sizeof id - 1);
  SSL_CTX_set_alpn_select_cb(context, &select_protocol, http2 ? context : nullptr);
  if (auto done = use_certificates(context, source, now); !done) return done.error();
  if (auto done = use_key(context, source, made.warnings); !done) return done.error();
  if (auto done = ask_clients(context, source); !done) return done.error();
  return made;
}

}  // namespace ccrelay::tls

namespace ccrelay {

Result<std::vector<std::string>> check_certificate(const TlsConfig& tls, WallTime now,
                                                   std::string_view section) {
  if (tls.cert_file.empty() || tls.key_file.empty()) return std::vector<std::string>();
  auto context = tls::load_context(tls, true, now, section);
  if (!context) return context.error();
  return std::move(context->warnings);
}

}  // namespace ccrelay
