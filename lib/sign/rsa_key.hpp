#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/secret.hpp>

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace ccrelay::sign {

/// A private RSA key, such as a Google service account has one. Copies share it, and any thread may
/// sign with it.
class RsaKey {
 public:
  /// From PEM text (RFC 7468), PKCS #8 or the older form. Errors say what the text is instead.
  static Result<RsaKey> from_pem(const Secret& pem);

  /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2), what JWTs call RS256: raw bytes.
  Result<std::string> sign_sha256(std::string_view bytes) const;

 private:
  explicit RsaKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace ccrelay::sign
