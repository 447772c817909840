#pragma once

#include <string>
#include <string_view>

namespace ccrelay::app::top {

/// Columns a terminal gives a code point: 0 for one that combines, 2 for a wide one. As the C
/// library knows them, whatever the locale is.
int columns_of(char32_t point);
int columns_of(std::string_view utf8);

/// The code point at `at`, which moves behind it; U+FFFD for what is no UTF-8.
char32_t next_point(std::string_view utf8, std::size_t& at);

/// Text of others as it may be shown: what could drive a terminal or turn the reading direction,
/// and bytes that are no UTF-8, are `·`.
std::string shown(std::string_view text);

/// At most so many columns of it; `…` stands where something was left out.
std::string cut(std::string_view utf8, int columns);
/// Cut, and filled with spaces behind or before it.
std::string left(std::string_view utf8, int columns);
std::string right(std::string_view utf8, int columns);

/// Cut into lines of so many columns, between words where there are some.
std::string_view first_line(std::string_view utf8, int columns);

/// The same in ASCII, column by column: boxes of `+-|`, sparklines of `_.:-=+*#`, `?` for letters.
std::string in_ascii(std::string_view utf8);

/// Whether it is in the text, ASCII capitals or not.
bool contains(std::string_view text, std::string_view part);

}  // namespace ccrelay::app::top
