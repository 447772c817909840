#pragma once

#include <cstdint>
#include <string>

namespace ccrelay::loop {

/// The program that listens on a TCP port of this machine, as `nginx (pid 812)`; empty when that
/// can't be known (another user's process, or no /proc).
std::string port_holder(std::uint16_t port);

}  // namespace ccrelay::loop
