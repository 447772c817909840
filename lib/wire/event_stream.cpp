#include "wire/event_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ccrelay::wire {
namespace {

constexpr std::size_t kept_buffer_bytes = 4096;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

// Takes so many bytes off the front; false if there are fewer.
bool take_bytes(std::string_view& from, std::size_t count, std::string_view& into) {
  if (from.size() < count) return false;
  into = from.substr(0, count);
  from.remove_prefix(count);
  return true;
}

// Of a value whose type says it; the others have their length in front.
std::optional<std::size_t> fixed_size(EventValue type) {
  switch (type) {
    case EventValue::yes:
    case EventValue::no:
      return 0;
    case EventValue::int8:
      return 1;
    case EventValue::int16:
      return 2;
    case EventValue::int32:
      return 4;
    case EventValue::int64:
    case EventValue::timestamp:
      return 8;
    case EventValue::uuid:
      return 16;
    case EventValue::bytes:
    case EventValue::text:
      break;
  }
  return std::nullopt;
}

}  // namespace

Result<void> EventStreamParser::feed(std::string_view bytes, EventStreamSink& sink) {
  while (!error_ && !bytes.empty()) {
    const bool cut = !buffer_.empty();
    if (length_ == 0) {
      if (cut || bytes.size() < event_prelude_bytes) bytes = fill(bytes, event_prelude_bytes);
      const std::string_view front = buffer_.empty() ? bytes : buffer_;
      if (front.size() < event_prelude_bytes) break;
      length_ = length(front.substr(0, event_prelude_bytes));
      if (length_ == 0) break;
    }
    if (buffer_.empty() && bytes.size() >= length_) {
      const std::string_view message = bytes.substr(0, std::exchange(length_, 0));
      bytes.remove_prefix(message.size());
      take(message, sink);
      continue;
    }
    bytes = fill(bytes, length_);
    if (buffer_.size() < length_) break;
    length_ = 0;
    take(buffer_, sink);
    if (buffer_.capacity() > kept_buffer_bytes) {
      std::string().swap(buffer_);
    } else {
      buffer_.clear();
    }
  }
  if (error_) return *error_;
  return {};
}

Result<void> EventStreamParser::end() {
  if (!error_ && !buffer_.empty()) fail("the stream ended within a message");
  if (error_) return *error_;
  return {};
}

// Moves bytes until so many are in the buffer; what is left of them.
std::string_view EventStreamParser::fill(std::string_view bytes, std::size_t size) {
  const std::size_t count = std::min(bytes.size(), size - std::min(size, buffer_.size()));
  buffer_.append(bytes.substr(0, count));
  return bytes.substr(count);
}

// Of the message that begins so; 0 after a fault.
std::size_t EventStreamParser::length(std::string_view prelude) {
  // Before the lengths are believed: waiting for bytes that nobody will send would be silence.
  if (event_checksum(prelude.substr(0, 8)) != big_endian(prelude.substr(8))) {
    fail("the checksum of a message's lengths is wrong");
    return 0;
  }
  const std::size_t total = big_endian(prelude.substr(0, 4));
  const std::size_t headers = big_endian(prelude.substr(4, 4));
  if (total > message_limit_) {
    fail("a message has " + std::to_string(total) +
         " bytes; allowed: " + std::to_string(message_limit_));
  } else if (headers > header_bytes_max) {
    fail("a message has " + std::to_string(headers) +
         " bytes of headers; allowed: " + std::to_string(header_bytes_max));
  } else if (total < event_frame_bytes || headers > total - event_frame_bytes) {
    fail("a message is too short for what it says of itself: " + std::to_string(total) +
         " bytes with " + std::to_string(headers) + " of headers");
  }
  return error_ ? 0 : total;
}

bool EventStreamParser::take(std::string_view message, EventStreamSink& sink) {
  const std::string_view checked = message.substr(0, message.size() - 4);
  if (event_checksum(checked) != big_endian(message.substr(checked.size())))
    return fail("the checksum of a message is wrong");
  const std::size_t header_bytes = big_endian(message.substr(4, 4));
  if (!read_headers(checked.substr(event_prelude_bytes, header_bytes))) return false;
  whole_bytes_ += message.size();
  sink.on_message({headers_, checked.substr(event_prelude_bytes + header_bytes)});
  return true;
}

bool EventStreamParser::read_headers(std::string_view bytes) {
  headers_.clear();
  while (!bytes.empty()) {
    if (!read_header(bytes, headers_.emplace_back())) return false;
  }
  return true;
}

bool EventStreamParser::read_header(std::string_view& bytes, EventHeader& header) {
  const auto cut = [this] { return fail("a message's headers end within one"); };
  std::string_view field;
  if (!take_bytes(bytes, 1, field)) return cut();
  const std::size_t name_size = big_endian(field);
  if (name_size == 0) return fail("a message's header has no name");
  if (!take_bytes(bytes, name_size, header.name) || !take_bytes(bytes, 1, field)) return cut();
  const std::uint32_t type = big_endian(field);
  if (type > static_cast<std::uint32_t>(EventValue::uuid))
    return fail("a message's header has the unknown type " + std::to_string(type));
  header.type = static_cast<EventValue>(type);
  std::optional<std::size_t> size = fixed_size(header.type);
  if (!size) {
    if (!take_bytes(bytes, 2, field)) return cut();
    size = big_endian(field);
    if (*size > event_value_bytes_max) {
      return fail("a message's header has a value of " + std::to_string(*size) +
                  " bytes; allowed: " + std::to_string(event_value_bytes_max));
    }
  }
  return take_bytes(bytes, *size, header.value) || cut();
}

bool EventStreamParser::fail(std::string what) {
  error_ = Error{ErrorCode::provider, "the event stream can't be read: " + std::move(what)};
  return false;
}

}  // namespace ccrelay::wire
