#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "steps/steps.h"

namespace ccrelay::testing {

/// What somebody outside could send, in any size, and who reads it.
struct Worst {
  const char* name;
  std::function<std::string(std::size_t)> make;  ///< `n` of what is repeated
  std::function<void(std::string_view)> read;
};

inline unsigned long long steps_of(const std::function<void(std::string_view)>& read,
                                   const std::string& text) {
  const auto before = steps_so_far();
  read(text);
  return steps_so_far() - before;
}

/// Four times as much may take four times as many steps, or a little more where something is sorted
/// or a buffer grows. In proportion to the square it would be sixteen times.
inline void check_linear(const Worst& worst, std::size_t n) {
  const std::string small = worst.make(n);
  const std::string large = worst.make(4 * n);
  steps_of(worst.read, small);  // tables that are made once
  const auto once = steps_of(worst.read, small);
  const auto four_times = steps_of(worst.read, large);
  INFO(worst.name << ", " << n << ": " << once << " steps, then " << four_times);
  // It was read at all; what needs no look is handed over whole.
  REQUIRE(once > n / 64);
  CHECK(static_cast<double>(four_times) < 5.5 * static_cast<double>(once));
}

inline std::string times(std::size_t n, std::string_view text) {
  std::string out;
  out.reserve(n * text.size());
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

/// As a socket gives it, and as slowly as anybody can send it.
template <class Feed>
void in_pieces(std::string_view text, std::size_t size, Feed feed) {
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    feed(text.substr(0, size));
  }
}

}  // namespace ccrelay::testing
