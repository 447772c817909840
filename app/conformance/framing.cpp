#include "framing.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>

namespace ccrelay::app::contract {
namespace {

// CRC-32 of IEEE 802.3, as the event stream and gzip have it.
std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char each : bytes) {
    crc ^= static_cast<unsigned char>(each);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

void append_u32(std::string& out, std::uint32_t number) {
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((number >> shift) & 0xFF);
}

// RFC 1951 and 1952 have the low byte first.
void append_low_first(std::string& out, std::uint32_t number, int bytes) {
  for (int at = 0; at < bytes; ++at) out += static_cast<char>((number >> (8 * at)) & 0xFF);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += static_cast<char>(name.size());
  out.append(name);
  out += '\7';  // a string
  out += static_cast<char>(value.size() >> 8);
  out += static_cast<char>(value.size() & 0xFF);
  out.append(value);
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string event_frame(std::string_view data) {
  const std::string payload = fmt::format(R"({{"bytes":"{}","p":"abcd"}})", base64(data));
  std::string headers;
  append_header(headers, ":event-type", "chunk");
  append_header(headers, ":content-type", "application/json");
  append_header(headers, ":message-type", "event");
  std::string out;
  append_u32(out, static_cast<std::uint32_t>(16 + headers.size() + payload.size()));
  append_u32(out, static_cast<std::uint32_t>(headers.size()));
  append_u32(out, crc32_of(out));
  out += headers + payload;
  append_u32(out, crc32_of(out));
  return out;
}

std::string gzip(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  // Deflate, no flags, no time, any system; then one last block that is stored.
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", 11);
  append_low_first(out, size, 2);
  append_low_first(out, ~size, 2);
  out.append(text);
  append_low_first(out, crc32_of(text), 4);
  append_low_first(out, size, 4);
  return out;
}

}  // namespace ccrelay::app::contract
