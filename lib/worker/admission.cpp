#include "worker/admission.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::worker {

Admission::Room body_bytes_room(const ServerConfig& config) {
  if (config.max_buffered_body_bytes == 0) return {};
  return {std::max(config.max_buffered_body_bytes, config.max_body_bytes), config.max_body_bytes};
}

std::string no_room_for_body(const Admission::Room& room) {
  return fmt::format(
      "the bodies of requests that wait for an answer fill {} bytes "
      "(server.max_buffered_body_bytes); try again shortly",
      room.limit);
}

}  // namespace ccrelay::worker
