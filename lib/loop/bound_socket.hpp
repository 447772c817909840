#pragma once

#include "loop/tcp.hpp"

namespace ccrelay::loop {

/// A TCP socket bound to the address, or -errno. `shared` sets SO_REUSEPORT.
int bound_socket(const ListenAddress& address, bool shared);

}  // namespace ccrelay::loop
