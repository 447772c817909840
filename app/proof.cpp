#include "proof.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstddef>

namespace ccrelay::app {
namespace {

constexpr int iterations = 20'000;
constexpr std::string_view salt = "cc-relay: who answers";

std::string hex(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::string random_hex(std::size_t count) {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1) return {};
  return hex(bytes, count);
}

// The addresses a relay may be bound to when it answers from this one.
std::vector<std::string> bound_as(const std::string& peer) {
  if (peer.rfind("unix:", 0) == 0) return {peer};
  const std::string port = peer.substr(peer.rfind(':') + 1);
  return {peer, (peer.front() == '[' ? "[::]:" : "0.0.0.0:") + port};
}

}  // namespace

std::string new_nonce() {
  return random_hex(16);
}

std::string new_start_token() {
  return random_hex(32);
}

std::string proof_key(std::string_view secret) {
  unsigned char key[32];
  PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), iterations, EVP_sha256(), sizeof key, key);
  return hex(key, sizeof key);
}

std::string proof(std::string_view key, std::string_view nonce, std::string_view address) {
  std::string text = "cc-relay\n";
  text.append(nonce).append("\n").append(address);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return hex(digest, size);
}

bool proves(const std::vector<std::string>& proofs, const std::vector<std::string>& keys,
            std::string_view nonce, const std::string& peer) {
  if (peer.empty() || nonce.empty()) return false;
  for (const std::string& key : keys) {
    if (key.empty()) continue;
    for (const std::string& address : bound_as(peer)) {
      const std::string wanted = proof(key, nonce, address);
      for (const std::string& shown : proofs) {
        const bool same = shown.size() == wanted.size() &&
                          CRYPTO_memcmp(shown.data(), wanted.data(), wanted.size()) == 0;
        if (same) return true;
      }
    }
  }
  return false;
}

}  // namespace ccrelay::app
