#include "rpc/bytes.hpp"

#include <grpcpp/support/slice.h>

#include <optional>
#include <vector>

namespace ccrelay::rpc {
namespace {

enum class Coding : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// Cuts a varint off the front.
std::optional<std::uint64_t> take_varint(std::string_view& from) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return {};
}

std::optional<std::string_view> take_bytes(std::string_view& from, std::uint64_t size) {
  if (size > from.size()) return {};
  const std::string_view taken = from.substr(0, size);
  from.remove_prefix(size);
  return taken;
}

void add_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>(value | 0x80);
  to += static_cast<char>(value);
}

void add_tag(std::string& to, int number, Coding kind) {
  add_varint(to, static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(kind));
}

}  // namespace

std::string bytes_of(const ::grpc::ByteBuffer& buffer) {
  std::vector<::grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string bytes;
  for (const ::grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

::grpc::ByteBuffer buffer_of(std::string_view bytes) {
  const ::grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

bool each_field(std::string_view message,
                const std::function<void(int number, std::string_view content)>& field) {
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1fffffff) return false;
    std::optional<std::string_view> content;
    switch (static_cast<Coding>(*tag & 7)) {
      case Coding::varint:
        if (!take_varint(message)) return false;
        break;
      case Coding::fixed64:
        if (!take_bytes(message, 8)) return false;
        break;
      case Coding::fixed32:
        if (!take_bytes(message, 4)) return false;
        break;
      case Coding::bytes: {
        const auto size = take_varint(message);
        if (!size) return false;
        content = take_bytes(message, *size);
        if (!content) return false;
        break;
      }
      default:
        return false;
    }
    if (content) field(static_cast<int>(*tag >> 3), *content);
  }
  return true;
}

void add_field(std::string& message, int number, std::string_view content) {
  add_tag(message, number, Coding::bytes);
  add_varint(message, content.size());
  message += content;
}

void add_field(std::string& message, int number, std::uint64_t value) {
  add_tag(message, number, Coding::varint);
  add_varint(message, value);
}

}  // namespace ccrelay::rpc
