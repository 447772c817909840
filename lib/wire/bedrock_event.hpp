#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "wire/event_message.hpp"

namespace ccrelay::wire {

/// What came of a message.
enum class BedrockOutcome : std::uint8_t {
  event,    ///< an event of the answer was appended
  dropped,  ///< nothing was: it is none of the answer's
  error,    ///< an `error` event was: nothing of worth can follow
};

/// Turns Bedrock's messages into the Server-Sent Events that Anthropic would have sent. Keeps the
/// parser's memory: one per stream.
class BedrockEvents {
 public:
  BedrockEvents();
  ~BedrockEvents();
  /// Appends at most one whole event. The event's JSON stays as it is, but that line ends between
  /// its tokens become blanks. A chunk without a type and messages of unknown kinds are dropped;
  /// one that can't be read becomes an error, because text would be missing else.
  BedrockOutcome append(std::string& sse, const EventMessage& message);

 private:
  BedrockOutcome append_chunk(std::string& sse, std::string_view payload);
  BedrockOutcome append_exception(std::string& sse, std::string_view name,
                                  std::string_view payload);

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Anthropic's error type for one of AWS's, such as "throttlingException". It may stand as the
/// header `x-amzn-errortype` has it: with a capital, with a namespace and `#` in front, with `:`
/// and an address behind.
std::string_view bedrock_error_type(std::string_view exception);

}  // namespace ccrelay::wire
