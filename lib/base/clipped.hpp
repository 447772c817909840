#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::base {

/// As much of what a client invents (paths, model names, session ids) as anybody reads of it.
inline constexpr std::size_t told_bytes_max = 256;

/// `text`, or its beginning and "…", together at most `bytes_max` bytes; no UTF-8 sequence is cut.
std::string clipped(std::string_view text, std::size_t bytes_max = told_bytes_max);
/// The same in place; costs nothing where there is nothing to cut.
void clip(std::string& text, std::size_t bytes_max = told_bytes_max);

}  // namespace ccrelay::base
