#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::app {

/// Text of others for a terminal: in one line, without control characters, cut when it is long.
std::string printable(std::string_view text, std::size_t bytes_max = 80);

}  // namespace ccrelay::app
