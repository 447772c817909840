#pragma once

#include <string>
#include <string_view>

namespace ccrelay::sign {

/// In time that depends on the length of what was presented alone: not on where the texts differ,
/// nor on the length of the known one.
bool equal_secrets(std::string_view known, std::string_view presented);
/// What stands for a key in logs and headers: eight hex digits that can't be turned back.
std::string fingerprint(std::string_view key);

}  // namespace ccrelay::sign
