#pragma once

#include <string>
#include <string_view>

namespace ccrelay::dialect {

/// A whole Anthropic stream as the message that it tells, in JSON; Anthropic's error envelope when
/// the stream told one, or was cut. `failed`, if given, says which.
std::string message_of_stream(std::string_view stream, bool* failed = nullptr);

/// The other way: an Anthropic message as the stream that would have told it.
std::string stream_of_message(std::string_view message);

}  // namespace ccrelay::dialect
