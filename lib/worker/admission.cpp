#include "worker/admission.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::worker {

std::uint64_t body_bytes_room(const ServerConfig& config) {
  if (config.max_buffered_body_bytes == 0) return 0;
  return std::max(config.max_buffered_body_bytes, config.max_body_bytes);
}

std::string no_room_for_body(std::uint64_t room) {
  return fmt::format(
      "the bodies of requests that wait for an answer fill {} bytes "
      "(server.max_buffered_body_bytes); try again shortly",
      room);
}

}  // namespace ccrelay::worker
