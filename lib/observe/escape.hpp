#pragma once

#include <string>
#include <string_view>

#include "observe/pen.hpp"

namespace ccrelay::observe {

/// Appends `value` as a JSON string, quotes included. What could end a line, move a terminal's
/// cursor or turn the reading direction is written as \uXXXX; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view value);
void append_json_string(Pen& pen, std::string_view value);

/// Appends `value` for a person: as it is when it is one plain word, else in quotes and escaped
/// like a JSON string. So no value can pass for a second field or a second line.
void append_word(std::string& out, std::string_view value);

}  // namespace ccrelay::observe
