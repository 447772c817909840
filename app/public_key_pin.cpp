#include "public_key_pin.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace ccrelay::app {

std::string public_key_pin(const std::string& certificate_file) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(certificate_file.c_str(), "r"),
                                                       &BIO_free);
  if (!file) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
  if (!certificate) return {};
  unsigned char* key = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &key);
  if (length <= 0) return {};
  unsigned char digest[32];
  const bool done = EVP_Digest(key, static_cast<std::size_t>(length), digest, nullptr, EVP_sha256(),
                               nullptr) == 1;
  OPENSSL_free(key);
  if (!done) return {};
  unsigned char text[45];  // 44 characters of base64 and a zero
  const int written = EVP_EncodeBlock(text, digest, sizeof digest);
  return "sha256//" + std::string(text, text + written);
}

}  // namespace ccrelay::app
