#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::wire {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
/// In time that does not depend on where the texts differ, nor on their lengths beyond hashing
/// them.
bool equal_secrets(std::string_view a, std::string_view b);
/// What stands for a key in logs and headers: eight hex digits that can't be turned back.
std::string fingerprint(std::string_view key);

}  // namespace ccrelay::wire
