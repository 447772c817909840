#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ccrelay::wire {

/// What a header's value is (application/vnd.amazon.eventstream; Smithy 2.0, "Amazon Event Stream
/// Specification"). The numbers are those of the format.
enum class EventValue : std::uint8_t {
  yes = 0,        ///< true; no bytes
  no = 1,         ///< false; no bytes
  int8 = 2,       ///< 1 byte
  int16 = 3,      ///< 2 bytes, big-endian as all numbers
  int32 = 4,      ///< 4 bytes
  int64 = 5,      ///< 8 bytes
  bytes = 6,      ///< up to 32767
  text = 7,       ///< up to 32767 bytes, UTF-8
  timestamp = 8,  ///< 8 bytes: milliseconds since 1970
  uuid = 9,       ///< 16 bytes
};

/// One header as it stands in a message; views are valid as long as the message is.
struct EventHeader {
  std::string_view name;  ///< 1 to 255 bytes
  EventValue type = EventValue::text;
  std::string_view value;  ///< raw, without its length

  /// Of the four kinds of integers and of timestamps.
  std::optional<std::int64_t> number() const;
};

/// One message. A parser's is valid during the call that hands it out.
struct EventMessage {
  std::span<const EventHeader> headers;
  std::string_view payload;

  /// The first header of that name; null if there is none. Names are case-sensitive.
  const EventHeader* find(std::string_view name) const;
  /// Its value if that is text; else empty.
  std::string_view text(std::string_view name) const;
};

/// Around headers and payload: two lengths with a checksum in front, another checksum behind.
inline constexpr std::size_t event_prelude_bytes = 12;
inline constexpr std::size_t event_frame_bytes = event_prelude_bytes + 4;
inline constexpr std::size_t event_value_bytes_max = 32767;

/// CRC-32 with the IEEE polynomial (zlib's), not Castagnoli's.
std::uint32_t event_checksum(std::string_view bytes);

/// Whether the bytes begin with two lengths that belong together and their checksum.
bool is_event_prelude(std::string_view bytes);

/// Appends a message with both checksums. Names and values must keep their limits.
void append_event_message(std::string& out, std::span<const EventHeader> headers,
                          std::string_view payload);
/// Appends what ends a stream with an error: a message of the type `exception`, such as
/// "throttlingException" with {"message":"…"}.
void append_event_exception(std::string& out, std::string_view type, std::string_view json);

}  // namespace ccrelay::wire
