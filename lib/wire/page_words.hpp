#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::wire {

/// Whether a body is one JSON object or array, whatever its head says of it.
bool is_json_document(std::string_view body);

/// What a page, or a text that is no JSON, says in one line: its title, else its heading, else its
/// first words. UTF-8 without control characters, markup, scripts and styles; at most `bytes_max`
/// bytes. Empty where there are no words, or none that can be read. `content_type` tells of Latin-1
/// (RFC 9110 section 8.3.2); bytes of other charsets become U+FFFD.
std::string page_words(std::string_view body, std::string_view content_type, std::size_t bytes_max);

/// A text of a stranger's for a client, or for the log: without these secrets and what looks like a
/// key or token ("***"), and with "API key" for `x-api-key`, since Claude Code takes an error that
/// holds that word for its own lack of a login.
std::string quotable(std::string text, const std::vector<std::string_view>& secrets);

/// A text with "API key" in place of the header's name, in any case: Claude Code takes any error
/// that holds it for its own lack of a login.
std::string without_header_name(std::string text);

}  // namespace ccrelay::wire
