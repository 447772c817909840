#pragma once

#include <cstddef>

namespace ccrelay::wire {

/// Where a value stands in a body, quotes or braces included.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::size_t end() const { return offset + length; }
};

}  // namespace ccrelay::wire
