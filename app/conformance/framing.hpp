#pragma once

#include <string>
#include <string_view>

namespace ccrelay::app::contract {

/// Bytes around bytes. Pure.

std::string base64(std::string_view bytes);

/// One event of Bedrock's stream:
/// https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html tells the frame,
/// InvokeModelWithResponseStream what is in it.
std::string event_frame(std::string_view data);

/// RFC 1952, with nothing made smaller: what stands in `text` stands in it, byte for byte. At most
/// 65,535 bytes.
std::string gzip(std::string_view text);

}  // namespace ccrelay::app::contract
