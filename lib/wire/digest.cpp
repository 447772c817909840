#include "wire/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace ccrelay::wire {

Digest sha256(std::string_view bytes) {
  Digest digest{};
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  return digest;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  const Digest left = sha256(a), right = sha256(b);
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string fingerprint(std::string_view key) {
  // The salt keeps the digits from being looked up elsewhere; it is the same everywhere so that one
  // key can be followed through the logs of several relays.
  const Digest digest = sha256("cc-relay key fingerprint\n" + std::string(key));
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int i = 0; i < 4; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

}  // namespace ccrelay::wire
