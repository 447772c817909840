#include "otel/protobuf.hpp"

#include <algorithm>
#include <bit>

#include "base/utf8.hpp"

namespace ccrelay::otel {
namespace {

// Wire types.
constexpr unsigned varint_type = 0;
constexpr unsigned fixed64_type = 1;
constexpr unsigned bytes_type = 2;
constexpr unsigned fixed32_type = 5;

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const base::CodePoint point = base::decode_utf8(text);
    out += point.valid ? text.substr(0, point.length) : std::string_view("\xef\xbf\xbd");
    text.remove_prefix(point.length);
  }
  return out;
}

void Message::varint(int field, std::uint64_t value) {
  tag(field, varint_type);
  number(value);
}

void Message::fixed32(int field, std::uint32_t value) {
  tag(field, fixed32_type);
  little_endian(value, 4);
}

void Message::fixed64(int field, std::uint64_t value) {
  tag(field, fixed64_type);
  little_endian(value, 8);
}

void Message::real(int field, double value) {
  fixed64(field, std::bit_cast<std::uint64_t>(value));
}

void Message::text(int field, std::string_view text) {
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  is_ascii ? bytes(field, text) : bytes(field, valid_utf8(text));
}

void Message::bytes(int field, std::string_view bytes) {
  tag(field, bytes_type);
  number(bytes.size());
  wire_ += bytes;
}

void Message::packed(int field, std::span<const std::uint64_t> values) {
  tag(field, bytes_type);
  number(8 * values.size());
  for (const std::uint64_t value : values) little_endian(value, 8);
}

void Message::packed(int field, std::span<const double> values) {
  tag(field, bytes_type);
  number(8 * values.size());
  for (const double value : values) little_endian(std::bit_cast<std::uint64_t>(value), 8);
}

void Message::tag(int field, unsigned type) {
  number(static_cast<std::uint64_t>(field) << 3 | type);
}

void Message::number(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) wire_ += static_cast<char>((value & 0x7f) | 0x80);
  wire_ += static_cast<char>(value);
}

void Message::little_endian(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 8) wire_ += static_cast<char>(value & 0xff);
}

}  // namespace ccrelay::otel
