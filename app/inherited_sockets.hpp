#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <vector>

namespace ccrelay::app {

/// The listening sockets that a service manager such as systemd has passed (sd_listen_fds(3):
/// LISTEN_FDS and LISTEN_PID), or none. The variables are taken out of the environment and the
/// sockets marked, so that no child has them. Call it before any other thread is started.
Result<std::vector<int>> take_inherited_sockets();

/// Where such a socket listens, as `server.listen` has it.
std::string socket_address(int socket);

}  // namespace ccrelay::app
