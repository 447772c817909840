#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::app {

/// Text of others for a terminal: in one line, without control characters, marks that change the
/// reading direction and bytes that are no UTF-8; cut when it is long.
std::string printable(std::string_view text, std::size_t bytes_max = 80);

/// JSON of others for a terminal: the same JSON, with what could do anything there escaped.
std::string printable_json(std::string_view json);

}  // namespace ccrelay::app
