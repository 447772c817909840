#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ccrelay::base {

/// Stands for the signature of a thinking block: the first half of its SHA-256.
using SignatureDigest = std::array<std::uint8_t, 16>;

struct SignatureDigestHash {
  std::size_t operator()(const SignatureDigest& digest) const noexcept {
    std::size_t hash;  // any part of a digest is spread evenly
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

}  // namespace ccrelay::base
