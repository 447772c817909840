#pragma once

#include <cstddef>

namespace ccrelay::testing {

/// Bytes that this process has allocated and not freed, and not those of the pages they lie in:
/// the same steps give the same figure. AddressSanitizer counts by itself where it is used.
std::size_t memory_in_use();

}  // namespace ccrelay::testing
