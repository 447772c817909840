#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ccrelay::sign {

/// 32 bytes of SHA-256 (FIPS 180-4).
using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
/// Of the pieces one behind the other, so that a body need not be in one place.
Digest sha256(std::span<const std::string_view> pieces);
/// RFC 2104 with SHA-256.
Digest hmac_sha256(std::string_view key, std::string_view bytes);

/// The digest's bytes as text without a terminator, such as for the key of the next HMAC.
std::string_view bytes_of(const Digest& digest);
/// In lower case.
std::string hex(std::string_view bytes);
std::string hex(const Digest& digest);

}  // namespace ccrelay::sign
