#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::app {

/// Edits of a text whose settings are lines. The lines that are added end as the text's first one
/// does. Pure.

/// Puts a line before the character at `at`, where one begins; at the end of a text whose last line
/// has no end the new one has none either.
void insert_line(std::string& text, std::size_t at, std::string_view line);

/// Takes `[begin, end)` out, and the line with it unless more is on it, such as a comment. Returns
/// where that was.
std::size_t take_line(std::string& text, std::size_t begin, std::size_t end);

/// Takes out what space_before_block() gave, if it stands before `at`.
void take_before(std::string& text, std::size_t at, std::string_view what);

/// Where the first line begins: behind a byte order mark.
std::size_t first_line(std::string_view text);

/// What to put at the text's end so that an empty line is between it and what comes next.
std::string space_before_block(std::string_view text);
/// The same without an empty line.
std::string end_of_last_line(std::string_view text);

}  // namespace ccrelay::app
