#include "base/stable_hash.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

#include "base/rng.hpp"

namespace ccrelay::base {
namespace {

// Little-endian everywhere; fewer than eight bytes are filled up with zeros.
std::uint64_t load(std::string_view bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

// As MurmurHash3 mixes a word into its state.
std::uint64_t step(std::uint64_t state, std::uint64_t word) {
  word = std::rotl(word * 0x87c37b91114253d5ull, 31) * 0x4cf5ad432745937full;
  return std::rotl(state ^ word, 27) * 5 + 0x52dce729;
}

}  // namespace

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ull;
  }
  return Rng(hash).next();
}

void StableHasher::add(std::string_view text) {
  if (text.size() <= 2 * end_bytes) {
    mix(text);
  } else {
    mix(text.substr(0, end_bytes));
    mix(text.substr(text.size() - end_bytes));
  }
  state_ = step(state_, ~std::uint64_t{text.size()});
}

void StableHasher::mix(std::string_view text) {
  std::uint64_t state = state_;
  for (; text.size() >= 8; text.remove_prefix(8)) state = step(state, load(text.substr(0, 8)));
  if (!text.empty()) state = step(state, load(text));
  state_ = state;
}

std::uint64_t StableHasher::value() const {
  return Rng(state_).next();
}

}  // namespace ccrelay::base
