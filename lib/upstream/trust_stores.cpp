#include "upstream/trust_stores.hpp"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string_view>

#include "base/read_file.hpp"

namespace ccrelay::upstream {

namespace {

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// A bundle of all authorities there are has some hundred kilobytes.
constexpr std::size_t pem_bytes_max = 16 << 20;

// What the file holds in PEM: certificates, also trusted ones, and lists of those revoked. How
// many.
int add_all(X509_STORE* store, const std::string& text) {
  static char no_password[] = "";  // instead of asking at a terminal
  BIO* in = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  STACK_OF(X509_INFO)* found =
      in ? PEM_X509_INFO_read_bio(in, nullptr, nullptr, no_password) : nullptr;
  int added = 0;
  for (int i = 0; i < sk_X509_INFO_num(found); ++i) {
    const X509_INFO* info = sk_X509_INFO_value(found, i);
    if (info->x509 && X509_STORE_add_cert(store, info->x509) == 1) ++added;
    if (info->crl && X509_STORE_add_crl(store, info->crl) == 1) ++added;
  }
  sk_X509_INFO_pop_free(found, X509_INFO_free);
  BIO_free(in);
  return added;
}

X509_STORE* read_store(const std::string& file) {
  // On a worker's loop, and a provider's request waits for it: whatever the file is, it must not
  // keep the others.
  const base::FileText read = base::read_file(file, pem_bytes_max);
  if (!read) return nullptr;
  X509_STORE* store = X509_STORE_new();
  if (!store) return nullptr;
  // As curl has it (7.88: lib/vtls/openssl.c, populate_x509_store): what the file names is trusted
  // before what the server sends, and an intermediate in it is an anchor too.
  X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  const bool usable = add_all(store, read.text) > 0;
  ERR_clear_error();  // curl looks at what is left there
  if (usable) return store;
  X509_STORE_free(store);
  return nullptr;
}

}  // namespace

void TrustStores::FreeStore::operator()(X509_STORE* store) const {
  X509_STORE_free(store);
}

bool TrustStores::usable() {
  static const bool same = [] {
    const char* text = curl_version_info(CURLVERSION_NOW)->ssl_version;
    const std::string_view theirs = text ? text : "";
    const std::string ours = std::string("OpenSSL/") + OpenSSL_version(OPENSSL_VERSION_STRING);
    return theirs == ours;
  }();
  return same;
}

bool TrustStores::apply(SSL_CTX* context, const std::string& file) {
  struct stat now {};
  if (::stat(file.c_str(), &now) != 0) return false;
  Entry& entry = entries_[file];
  if (!entry.store || !same_file(entry.seen, now)) {
    entry.store.reset(read_store(file));
    entry.seen = now;
  }
  if (!entry.store) return false;
  SSL_CTX_set1_cert_store(context, entry.store.get());
  return true;
}

}  // namespace ccrelay::upstream
