#include "wire/event_message.hpp"

#include <zlib.h>

#include <array>

namespace ccrelay::wire {
namespace {

// Big-endian, in the last bytes of the number.
void append_number(std::string& out, std::uint32_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>((number >> shift) & 0xFF);
}

void append_header(std::string& out, const EventHeader& header) {
  append_number(out, static_cast<std::uint32_t>(header.name.size()), 1);
  out += header.name;
  append_number(out, static_cast<std::uint32_t>(header.type), 1);
  if (header.type == EventValue::bytes || header.type == EventValue::text)
    append_number(out, static_cast<std::uint32_t>(header.value.size()), 2);
  out += header.value;
}

}  // namespace

std::optional<std::int64_t> EventHeader::number() const {
  const bool integer = type >= EventValue::int8 && type <= EventValue::int64;
  if (!integer && type != EventValue::timestamp) return std::nullopt;
  if (value.empty() || value.size() > 8) return std::nullopt;
  const bool negative = (value.front() & 0x80) != 0;
  std::uint64_t number = negative ? ~std::uint64_t{0} : 0;
  for (const char c : value) number = (number << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(number);
}

const EventHeader* EventMessage::find(std::string_view name) const {
  for (const EventHeader& header : headers) {
    if (header.name == name) return &header;
  }
  return nullptr;
}

std::string_view EventMessage::text(std::string_view name) const {
  const EventHeader* header = find(name);
  return header && header->type == EventValue::text ? header->value : std::string_view();
}

std::uint32_t event_checksum(std::string_view bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(0, data, bytes.size()));
}

bool is_event_prelude(std::string_view bytes) {
  if (bytes.size() < event_prelude_bytes) return false;
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (const char c : bytes.substr(at, 4)) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
  };
  const std::uint32_t total = number(0);
  return total >= event_frame_bytes && number(4) <= total - event_frame_bytes &&
         number(8) == event_checksum(bytes.substr(0, 8));
}

void append_event_message(std::string& out, std::span<const EventHeader> headers,
                          std::string_view payload) {
  std::string fields;
  for (const EventHeader& header : headers) append_header(fields, header);
  const std::size_t begin = out.size();
  const std::size_t total = event_frame_bytes + fields.size() + payload.size();
  out.reserve(begin + total);
  append_number(out, static_cast<std::uint32_t>(total), 4);
  append_number(out, static_cast<std::uint32_t>(fields.size()), 4);
  append_number(out, event_checksum(std::string_view(out).substr(begin)), 4);
  out += fields;
  out += payload;
  append_number(out, event_checksum(std::string_view(out).substr(begin)), 4);
}

void append_event_exception(std::string& out, std::string_view type, std::string_view json) {
  const std::array headers{
      EventHeader{":exception-type", EventValue::text, type},
      EventHeader{":content-type", EventValue::text, "application/json"},
      EventHeader{":message-type", EventValue::text, "exception"},
  };
  append_event_message(out, headers, json);
}

}  // namespace ccrelay::wire
