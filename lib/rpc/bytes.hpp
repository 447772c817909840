#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// Messages of services that are spoken by hand: protobuf's encoding
// (https://protobuf.dev/programming-guides/encoding/), as much of it as they need.
namespace ccrelay::rpc {

std::string bytes_of(const ::grpc::ByteBuffer& buffer);
::grpc::ByteBuffer buffer_of(std::string_view bytes);

/// Calls `field` with the number and content of each field of text, bytes or messages; others are
/// passed over. False when the bytes are no message.
bool each_field(std::string_view message,
                const std::function<void(int number, std::string_view content)>& field);

void add_field(std::string& message, int number, std::string_view content);
void add_field(std::string& message, int number, std::uint64_t value);

}  // namespace ccrelay::rpc
