#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ccrelay::otel {

/// Writes a message of Protocol Buffers
/// (https://protobuf.dev/programming-guides/encoding/), as much of it as OTLP needs. Fields are
/// written in the order of the calls. A value type.
class Message {
 public:
  void varint(int field, std::uint64_t value);
  void fixed32(int field, std::uint32_t value);
  void fixed64(int field, std::uint64_t value);
  void real(int field, double value);
  /// A `string`, which must be UTF-8 or collectors refuse all of the request: bytes that are none
  /// are replaced by U+FFFD.
  void text(int field, std::string_view text);
  void bytes(int field, std::string_view bytes);
  // `repeated` numbers of a fixed width, in one piece.
  void packed(int field, std::span<const std::uint64_t> values);
  void packed(int field, std::span<const double> values);
  void message(int field, const Message& inner) { bytes(field, inner.wire_); }

  const std::string& wire() const { return wire_; }
  std::string take() { return std::move(wire_); }
  bool empty() const { return wire_.empty(); }

 private:
  void tag(int field, unsigned type);
  void number(std::uint64_t value);
  void little_endian(std::uint64_t value, int bytes);

  std::string wire_;
};

/// `text` with U+FFFD in place of what is no UTF-8.
std::string valid_utf8(std::string_view text);

}  // namespace ccrelay::otel
