#include "sign/secrets.hpp"

#include <cstddef>

#include "sign/digests.hpp"

namespace ccrelay::sign {

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
  return hex(bytes_of(digest).substr(0, 4));
}

}  // namespace ccrelay::sign
