#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ccrelay::app::top {

/// Where relays of this machine make the sockets of their management, the user's own first.
std::vector<std::string> socket_folders();

/// What is at a socket's path.
enum class SocketLook : std::uint8_t {
  none,    ///< nothing, or no socket
  dead,    ///< whoever has made it is gone: the kernel refuses to connect
  alive,   ///< somebody listens
  hidden,  ///< another user's, or in a folder that this one may not look into
};
/// Connects and hangs up at once; never blocks.
SocketLook look_at_socket(const std::string& path);
/// Worth asking: what is hidden may be there, and whoever asks is told why not.
bool may_be_there(const std::string& path);

/// The sockets in those folders at which somebody listens, in the order of the names.
std::vector<std::string> sockets_in_use();
/// The tokens that relays have made there, but for those beside a socket that is dead.
std::vector<std::string> made_tokens();

}  // namespace ccrelay::app::top
