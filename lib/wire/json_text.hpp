#pragma once

#include <string>
#include <string_view>

namespace ccrelay::wire {

/// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);
/// Whether all of the text is UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// Anthropic's error envelope: {"type":"error","error":{"type":…,"message":…},"request_id":…}.
std::string error_envelope(std::string_view type, std::string_view message,
                           std::string_view request_id);

}  // namespace ccrelay::wire
