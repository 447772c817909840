#pragma once

#include <string_view>

namespace ccrelay::front {

/// Whether a client, as `Stream::peer()` names it, is on this machine: it comes by the loopback or
/// a Unix socket.
inline bool is_on_this_machine(std::string_view peer) {
  return peer == "unix" || peer.starts_with("127.") || peer.starts_with("[::1]:") ||
         peer.starts_with("[::ffff:127.");
}

}  // namespace ccrelay::front
