#include "sign/digests.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "base/assert.hpp"
#include "base/freed.hpp"

namespace ccrelay::sign {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, base::Freed<EVP_MD_CTX_free>>;

}  // namespace

Digest sha256(std::string_view bytes) {
  return sha256(std::span(&bytes, 1));
}

Digest sha256(std::span<const std::string_view> pieces) {
  const Context context(EVP_MD_CTX_new());
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const std::string_view piece : pieces)
    good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  Digest digest{};
  good = good && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  CCRELAY_ASSERT(good, "OpenSSL has SHA-256");
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest digest{};
  if (key.data() == nullptr) key = "";  // OpenSSL would look for the key of an earlier call
  const auto* result = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                            digest.data(), nullptr);
  CCRELAY_ASSERT(result != nullptr, "OpenSSL has HMAC");
  return digest;
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::string hex(const Digest& digest) {
  return hex(bytes_of(digest));
}

}  // namespace ccrelay::sign
