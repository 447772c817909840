#include "wire/digest.hpp"

#include <openssl/evp.h>

#include <cstddef>

namespace ccrelay::wire {

Digest sha256(std::string_view bytes) {
  Digest digest{};
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  return digest;
}

bool equal_secrets(std::string_view known, std::string_view presented) {
  if (known.empty()) return presented.empty();
  // Volatile: the compiler may not leave the loop once the outcome is clear.
  volatile unsigned char difference = known.size() != presented.size();
  std::size_t at = 0;
  for (const char c : presented) {
    difference = difference | static_cast<unsigned char>(c ^ known[at]);
    ++at;
    at = at == known.size() ? 0 : at;
  }
  return difference == 0;
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
