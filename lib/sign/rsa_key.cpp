#include "sign/rsa_key.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstddef>
#include <utility>

#include "base/freed.hpp"

namespace ccrelay::sign {
namespace {

// RFC 7518 section 3.3: "A key of size 2048 bits or larger MUST be used".
constexpr int bits_min = 2048;
// No key is as long; OpenSSL counts in int.
constexpr std::size_t pem_bytes_max = std::size_t{1} << 20;

using base::Freed;

Error refusal(std::string message) {
  // What OpenSSL noted down would be taken for the fault of whoever calls it next on this thread.
  ERR_clear_error();
  return {ErrorCode::config, std::move(message)};
}

// Called when the key is encrypted; without one OpenSSL would ask at the terminal.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string what_else(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return pem.find("\\n") != std::string_view::npos
               ? "its line ends are written as backslash and n; they must be real ones"
               : "it is damaged or cut short";
  }
  for (const std::string_view kind : {"PUBLIC KEY", "CERTIFICATE"}) {
    if (pem.find(std::string(kind) + "-----") != std::string_view::npos)
      return "it holds a " + std::string(kind) + " instead";
  }
  return "it is not PEM text, which begins with -----BEGIN PRIVATE KEY-----";
}

}  // namespace

Result<RsaKey> RsaKey::from_pem(const Secret& secret) {
  const std::string_view pem = secret.reveal();
  if (pem.size() > pem_bytes_max) return refusal("the private key is longer than 1 MiB");
  const std::unique_ptr<BIO, Freed<BIO_free>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool encrypted = false;
  std::shared_ptr<evp_pkey_st> key(
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, &encrypted) : nullptr,
      &EVP_PKEY_free);
  if (encrypted) return refusal("the private key is encrypted; a key without a password is needed");
  if (!key) return refusal("the private key can't be read: " + what_else(pem));
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    const char* name = EVP_PKEY_get0_type_name(key.get());
    return refusal("the private key is of the kind " + std::string(name ? name : "?") +
                   "; an RSA key is needed");
  }
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < bits_min) {
    return refusal("the private key has " + std::to_string(bits) + " bits; RS256 needs " +
                   std::to_string(bits_min) + " or more");
  }
  ERR_clear_error();
  return RsaKey(std::move(key));
}

Result<std::string> RsaKey::sign_sha256(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string signature;
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  signature.resize(length);
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     data, bytes.size()) != 1) {
    return refusal("the private key can't sign: its numbers don't belong together");
  }
  signature.resize(length);
  return signature;
}

}  // namespace ccrelay::sign
