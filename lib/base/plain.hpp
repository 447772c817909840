#pragma once

#include <string>
#include <string_view>

namespace ccrelay::base {

/// `text` without what could end a line or move a terminal's cursor, cut after 200 bytes.
std::string plain(std::string_view text);

}  // namespace ccrelay::base
